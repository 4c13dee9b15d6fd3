import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TrainingBatch } from "eloss/step";
import { type DetectorConfig, detectorLayers, encodeSafetensors, type SafetensorsInput } from "second-detector";
import type { PytorchFigures } from "../report.js";

/** Where PyTorch is and how long it may run. */
export interface PytorchOptions {
  /** a Python that can `import torch` */
  readonly python: string;
  readonly threads: number;
  readonly seconds: number;
  /** which of {@link PYTORCH_ARMS} to run */
  readonly arms: readonly string[];
}

/** Ways in which the script takes a step. */
export const PYTORCH_ARMS = ["float32", "bfloat16", "float32-compiled", "bfloat16-compiled"] as const;

/**
 * Runs `peers/pytorch_step.py` on a batch, without and with the Entropy Loss in turn.
 * @throws Error with what Python said, if it cannot run
 */
export async function runPytorch(
  training: TrainingBatch,
  config: DetectorConfig,
  { python, threads, seconds, arms }: PytorchOptions,
): Promise<{ readonly without: PytorchFigures; readonly with: PytorchFigures }> {
  const folder = mkdtempSync(join(tmpdir(), "eloss-bench-pytorch-"));
  try {
    const file = join(folder, "batch.safetensors");
    writeFileSync(file, encodeBatch(training, config));
    const script = fileURLToPath(new URL("../peers/pytorch_step.py", import.meta.url)); // seen from dist/cli.js
    const args = [script, file, "--threads", String(threads), "--seconds", String(seconds), "--arms", arms.join(",")];
    const { stdout } = await promisify(execFile)(python, args);
    const { version, ...figures } = JSON.parse(stdout);
    return { without: { version, arms: figures.without }, with: { version, arms: figures.with } };
  } catch (cause) {
    const said = `${(cause as { stderr?: string }).stderr ?? ""}`.trim().split("\n").at(-1) || (cause as Error).message;
    throw new Error(`--pytorch ${python}: expected a Python that can run the peer (pip install torch): ${said}`, {
      cause,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A batch as the script reads it. */
function encodeBatch({ batch, targets }: TrainingBatch, config: DetectorConfig): Uint8Array {
  const { encoder } = detectorLayers(config);
  if (batch.kind !== "voxels") {
    throw new Error(
      `--pytorch: expected a sparse encoder, which is what the script has, got ${encoder.kind} in ${config.name}`,
    );
  }
  const last = batch.rulebooks[batch.rulebooks.length - 1];
  const floats = (data: Float32Array, shape: number[]): SafetensorsInput => ({ dtype: "F32", shape, data });
  const integers = (data: Int32Array, shape: number[]): SafetensorsInput => ({ dtype: "I32", shape, data });
  const tensors = new Map<string, SafetensorsInput>();
  const channels = encoder.layers[0].inChannels;
  tensors.set("features", floats(batch.features, [batch.features.length / channels, channels]));
  batch.rulebooks.forEach(({ map }, i) => {
    tensors.set(`rulebook.${i}.inputs`, integers(map.inputs, [map.inputs.length]));
    tensors.set(`rulebook.${i}.outputs`, integers(map.outputs, [map.outputs.length]));
    tensors.set(`rulebook.${i}.starts`, integers(Int32Array.from(map.starts), [map.starts.length]));
  });
  tensors.set("bev.coords", integers(last.outputCoords, [last.outRows, 4]));
  const labels = Int32Array.from(targets.flatMap((target) => [...target.labels]));
  tensors.set("labels", integers(labels, [targets.length, labels.length / targets.length]));
  const codes = Float32Array.from(targets.flatMap((target) => [...target.codes]));
  tensors.set("codes", floats(codes, [codes.length / 7, 7]));
  const directions = Int32Array.from(targets.flatMap((target) => [...target.directions]));
  tensors.set("directions", integers(directions, [directions.length]));
  const { backbone, neck } = config;
  const shape = {
    batchSize: batch.batchSize,
    bevShape: last.outputShape,
    encoder: encoder.layers.map(({ inChannels, outChannels }, i) => ({
      inChannels,
      outChannels,
      outRows: batch.rulebooks[i].outRows,
    })),
    blocks: backbone.channels.map((out, i) => [
      backbone.layers[i],
      backbone.strides[i],
      out,
      neck.strides[i],
      neck.channels[i],
    ]),
  };
  return encodeSafetensors(tensors, { metadata: new Map([["config", JSON.stringify(shape)]]) });
}
