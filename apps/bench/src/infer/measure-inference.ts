import { setTimeout } from "node:timers/promises";
import * as tf from "@tensorflow/tfjs-core";
import { newTrainingState, openDataSource, readVisibleFrame, useBackend } from "eloss/step";
import {
  collateFrames,
  type DetectorBatch,
  type HeadOutputs,
  InferenceNetwork,
  prepareFrame,
  weightsToArrays,
} from "second-detector";
import { kernels } from "simd-kernels";
import { bestRates, machineLimits, measureLimits } from "../machine-limits.js";
import { latencyOf } from "../measure.js";
import type { InferenceFigures } from "../report.js";
import { requireBf16 } from "../require-bf16.js";
import { inferenceWork } from "../step/step-floor.js";
import { watchKernels } from "../step/watch-kernels.js";
import type { InferenceJob } from "./inference-job.js";
import { type HeadMaps, openOnnxPeer } from "./onnxruntime-peer.js";

/** Rounds of a full run: of fewer than a hundred, p99 is the slowest. */
const ROUNDS = { most: 200, least: 10, milliseconds: 70_000 } as const;
/** Between two runs: the threads of either program look for more work for a while before they sleep, on the other's processors. */
const REST = 30;
/** Of a map's largest number, between two programs that sum float32 in orders of their own. */
const AGREEMENT = 1e-4;

/** One of the ways to the head maps. */
interface Arm {
  readonly precision: "float32" | "bf16";
  run(): Promise<HeadMaps>;
}

/**
 * Times our inference, from what an encoder takes (or, where a detector cannot be exported whole, from its bird's-eye-view map)
 * to head maps in memory, in turn with itself in bfloat16 and with ONNX Runtime on the same weights and input. Their maps are
 * compared first.
 * @throws Error if the maps of ONNX Runtime differ from ours, or there are no products of bfloat16
 */
export async function measureInference(job: InferenceJob): Promise<InferenceFigures> {
  const { recipe, frame, quick, onnxruntime, bf16, rates } = job;
  const config = recipe.detector;
  if (bf16) await requireBf16();
  await useBackend("simd");
  const arrays = await weightsToArrays(newTrainingState(recipe, 0).weights);
  const network = new InferenceNetwork(arrays, config);
  const batch = await readBatch(job);
  const whole = config.encoder.kind === "pillars";
  const map = network.encode(batch);
  const run = async () => readMaps(whole ? network.run(batch) : network.detect(map));
  const limits = machineLimits(kernels(), { quick, clock: "wall" });
  const input = whole ? { batch } : { map: Float32Array.from(await map.data<"float32">()), shape: map.shape };
  const peer = onnxruntime ? await openOnnxPeer(arrays, config, { input, threads: limits.kernels.threads }) : undefined;

  const ours: Arm = { precision: "float32", run };
  const rounded: Arm | undefined = bf16 ? { precision: "bf16", run } : undefined;
  const other: Arm | undefined = peer && { precision: "float32", run: peer.run };
  const arms = [ours, rounded, other].filter((arm) => arm !== undefined);
  const maps = new Map<Arm, HeadMaps>();
  for (const arm of arms) {
    await useBackend("simd", { precision: arm.precision });
    maps.set(arm, await arm.run());
    await arm.run(); // warms up
  }
  const differenceTo = (arm: Arm) => differenceOf(maps.get(arm)!, maps.get(ours)!);
  if (other && !(differenceTo(other) <= AGREEMENT)) {
    throw new Error(`expected head maps of ONNX Runtime within ${AGREEMENT} of ours, got ${differenceTo(other)}`);
  }

  const times = new Map(arms.map((arm) => [arm, [] as number[]]));
  const started = performance.now();
  const goesOn = (round: number) =>
    round < ROUNDS.least || (round < ROUNDS.most && performance.now() - started < ROUNDS.milliseconds);
  for (let round = 0; quick ? round < 1 : goesOn(round); round++) {
    if (round % 10 === 0) measureLimits(limits, quick ? 5 : 100);
    const first = round % arms.length;
    for (const arm of [...arms.slice(first), ...arms.slice(0, first)]) {
      await useBackend("simd", { precision: arm.precision });
      await setTimeout(quick ? 0 : REST);
      const before = performance.now();
      await arm.run();
      times.get(arm)!.push(performance.now() - before);
    }
  }
  await useBackend("simd");
  const watched = await watchKernels(run);
  const seen = bestRates(limits);
  const best = { gflops: Math.max(rates.gflops, seen.gflops), gbytes: Math.max(rates.gbytes, seen.gbytes) };
  const work = inferenceWork(recipe, batch, { encoder: whole });
  const floorMilliseconds = (2 * work.multiplyAdds) / best.gflops / 1e6 + work.bytes / best.gbytes / 1e6;
  const compared = (arm: Arm) => ({ ...latencyOf(times.get(arm)!), largestDifference: differenceTo(arm) });
  const latency = latencyOf(times.get(ours)!);
  return {
    config: recipe.name,
    part: whole ? "whole" : "2D part",
    frame,
    cells: batch.coords.length / 4,
    latency,
    ...(rounded && { bf16: compared(rounded) }),
    ...(other && { onnxruntime: { version: peer!.version, ...compared(other) } }),
    floor: { ...work, threads: seen.threads, ...best, milliseconds: floorMilliseconds },
    ratio: latency.p50 / floorMilliseconds,
    watchedMilliseconds: watched.milliseconds,
    kernels: watched.kernels,
  };
}

async function readBatch({ recipe: { detector }, data, frame }: InferenceJob): Promise<DetectorBatch> {
  const source = openDataSource(data);
  await source.require([frame]);
  const { points } = await readVisibleFrame(source, frame, detector);
  return collateFrames([prepareFrame(points, detector)], detector);
}

async function readMaps({ cls, box, dir }: HeadOutputs): Promise<HeadMaps> {
  const maps = await Promise.all([cls, box, dir].map((tensor) => tensor.data<"float32">()));
  tf.dispose([cls, box, dir]);
  return maps as unknown as HeadMaps;
}

/** The largest difference of two maps, as a share of the largest number of theirs; of the three, the largest. */
function differenceOf(found: HeadMaps, wanted: HeadMaps): number {
  return Math.max(
    ...wanted.map((map, i) => {
      if (map.length !== found[i].length) return Number.POSITIVE_INFINITY;
      let [difference, largest] = [0, 0];
      for (let j = 0; j < map.length; j++) {
        difference = Math.max(difference, Math.abs(map[j] - found[i][j]));
        largest = Math.max(largest, Math.abs(map[j]));
      }
      return difference / (largest || 1);
    }),
  );
}
