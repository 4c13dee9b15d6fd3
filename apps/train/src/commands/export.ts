import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { Command } from "commander";
import { type OnnxDetector, type OnnxPort, OPSET, onnxDetector } from "detector-onnx";
import { type PretrainedName, readPretrained } from "second-weights";
import { describeCheckpoint } from "../inference/open-detector.js";
import { readRecipe } from "../recipe/open-recipe.js";
import { openRunFolder } from "../runs/run-folder.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import { WrongUse } from "../system/command-error.js";
import { printResult } from "../system/print-result.js";
import { readCheckpointModel, type WeightsKind } from "../training/checkpoint.js";
import { jsonOption, pretrainedOption, weightsOption } from "./options.js";

interface ExportFlags {
  readonly run?: string;
  readonly pretrained?: PretrainedName;
  readonly weights?: WeightsKind;
  readonly onnx: string;
  readonly json: boolean;
}

const HELP = `
Examples:
  eloss export --pretrained pointpillars-small --onnx pointpillars.onnx
  eloss export --run runs/with --onnx found.onnx

PointPillars is written whole, from columns of points to the head's maps. Of other detectors it is the part from the bird's-eye-view
map on: ONNX has no sparse convolution and no columns of any number of points. The model's metadata hold its configuration, classes and anchors,
how to make its input and how to read its output. One with a camera cannot be written.`;

export function exportCommand(): Command {
  return new Command("export")
    .description("write a trained detector as an ONNX model, for ONNX Runtime and what else reads it")
    .option("--run <dir>", "run folder that `eloss train` made")
    .addOption(pretrainedOption())
    .addOption(weightsOption().conflicts("pretrained"))
    .requiredOption("--onnx <file>", "new file to write")
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action((flags: ExportFlags) => {
      const { onnx: file, json } = flags;
      requireNewFile(file);
      const { detector, name } = exported(flags);
      writeFileAtomic(file, detector.bytes);
      const { part, inputs, outputs, bytes } = detector;
      const document = { file, detector: name, part, opset: OPSET, bytes: bytes.length, inputs, outputs };
      printResult(json, document, summary(file, name, detector));
    });
}

/** @throws Error if there is something of that name, or no folder for it */
function requireNewFile(file: string): void {
  if (existsSync(file)) throw new Error(`--onnx ${file}: expected a new file, found one there; choose another name`);
  const folder = dirname(file);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new Error(`--onnx ${file}: expected a folder ${folder} to write into, found none`);
}

function exported({ run, pretrained, weights: kind }: ExportFlags): {
  readonly detector: OnnxDetector;
  readonly name: string;
} {
  if (pretrained !== undefined) {
    const { weights, config, card } = readPretrained(pretrained);
    return {
      detector: onnxDetector(weights, config, { description: card.description, licence: card.license }),
      name: config.name,
    };
  }
  if (run === undefined) throw new WrongUse("export: expected --run <dir> or --pretrained <name>");
  const { config: recipe, checkpoint } = openRunFolder(run);
  const { detector: config } = readRecipe(recipe);
  const { model, ...found } = readCheckpointModel(checkpoint, kind);
  const notes = {
    description: `${config.name}, ${describeCheckpoint(found)}`,
    licence: "that of the weights: ask whoever trained them",
  };
  try {
    return { detector: onnxDetector(model, config, notes), name: config.name };
  } catch (cause) {
    throw new Error(`${run}: ${(cause as Error).message}`, { cause });
  }
}

const PARTS: Readonly<Record<OnnxDetector["part"], string>> = {
  whole: "whole, from pillars to the head's maps",
  dense: "from the bird's-eye-view map on, without its encoder",
};

function summary(file: string, name: string, { part, inputs, outputs, bytes }: OnnxDetector): string {
  const lines = (title: string, ports: readonly OnnxPort[]) =>
    ports.map((port) => `${title}${port.name.padEnd(17)} ${port.type} [${port.shape.join(", ")}]`);
  return [
    `${file}: ${name} ${PARTS[part]}; ${(bytes.length / 1e6).toFixed(1)} MB, opset ${OPSET}`,
    ...lines("in   ", inputs),
    ...lines("out  ", outputs),
  ].join("\n");
}
