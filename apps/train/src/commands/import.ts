import { existsSync } from "node:fs";
import { Command } from "commander";
import type { BackendReport } from "open-backend";
import { assignWeights } from "second-detector";
import { readOpenPcdetWeights } from "../inference/read-public-weights.js";
import { openRecipe } from "../recipe/open-recipe.js";
import type { RunSettings } from "../runs/run-file.js";
import { type RunFolder, runFolder } from "../runs/run-folder.js";
import { openRun, type RunRequest, startRun } from "../runs/run-request.js";
import { sweepTemporaries } from "../system/atomic-write.js";
import { owningFolder } from "../system/folder-owner.js";
import { printResult } from "../system/print-result.js";
import { startBackend } from "../system/start-backend.js";
import { newTrainingState, writeCheckpoint } from "../training/checkpoint.js";
import { jsonOption } from "./options.js";

interface ImportFlags {
  readonly weights: string;
  readonly config: string;
  readonly out: string;
  readonly json: boolean;
}

const HELP = `
Example:
  eloss import --weights second.safetensors --config second-kitti --out runs/published
  eloss eval --run runs/published --data KITTI

The file holds the state dict of OpenPCDet's SECOND or PointPillars as safetensors. In Python:
  state = torch.load("second.pth", map_location="cpu")["model_state"]
  safetensors.torch.save_file({k: v.contiguous() for k, v in state.items()}, "second.safetensors")`;

/** What a run was asked for that has not been trained here. */
const NOTHING_TRAINED: RunSettings = { data: "", split: "", frames: [], seed: 0, entropyLoss: false };

export function importCommand(): Command {
  return new Command("import")
    .description("make a run folder out of published OpenPCDet weights, for eval and infer")
    .requiredOption("--weights <file>", "safetensors file with OpenPCDet's names")
    .requiredOption("--config <name|file>", "the recipe whose detector the weights belong to, such as second-kitti")
    .requiredOption("--out <dir>", "run folder to make")
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async ({ weights, config: name, out, json }: ImportFlags) => {
      const recipe = openRecipe(name);
      const arrays = readOpenPcdetWeights(weights, recipe.detector);
      const backend = await startBackend("simd");
      const state = newTrainingState(recipe, 0);
      assignWeights(state.weights, arrays);
      await owningFolder(out, async () => {
        sweepTemporaries(out);
        const run = begunImport(out, { settings: NOTHING_TRAINED, recipe }, backend);
        await writeCheckpoint(run.checkpoint, state);
      });
      const text = `${arrays.size} tensors, into ${out}\nnext: eloss eval --run ${out} --data KITTI`;
      printResult(json, { run: out, detector: recipe.detector.name, tensors: arrays.size }, text);
    });
}

/** A new run folder, or the one of an import that was killed before it had written the weights. */
function begunImport(out: string, request: RunRequest, backend: BackendReport): RunFolder {
  if (existsSync(runFolder(out).checkpoint)) return startRun(out, request, backend);
  return openRun(out, request, { backend, remedy: "choose another --out, or delete that folder" });
}
