import { existsSync } from "node:fs";
import { Command, Option } from "commander";
import type { BackendReport } from "open-backend";
import { assignWeights, type PublicSource, publicSources } from "second-detector";
import { readPublicDetector } from "../inference/read-public-weights.js";
import { openRecipe } from "../recipe/open-recipe.js";
import type { RunSettings } from "../runs/run-file.js";
import { type RunFolder, runFolder } from "../runs/run-folder.js";
import { openRun, type RunRequest, startRun } from "../runs/run-request.js";
import { sweepTemporaries } from "../system/atomic-write.js";
import { owningFolder } from "../system/folder-owner.js";
import { printResult } from "../system/print-result.js";
import { startBackend } from "../system/start-backend.js";
import { newTrainingState, writeCheckpoint } from "../training/checkpoint.js";
import { jsonOption, setOption } from "./options.js";
import { shellWord } from "./shell-word.js";

interface ImportFlags {
  readonly weights: string;
  readonly config: string;
  readonly set: readonly string[];
  readonly out: string;
  readonly source?: PublicSource;
  readonly json: boolean;
}

const HELP = `
Example:
  eloss import --weights second.pth --config second-kitti --out runs/published
  eloss eval --run runs/published --data KITTI

The file is a checkpoint of SECOND or PointPillars (anchor heads) by OpenPCDet or MMDetection3D, as torch.save wrote it (.pth, .pt,
both formats) or as safetensors. Nothing in it is executed: what is no number, text, list, dictionary or tensor is refused by name.
The run's recipe gets the anchors and directions of the program that the weights are of.`;

/** What a run was asked for that has not been trained here. */
const NOTHING_TRAINED: RunSettings = { data: "", split: "", frames: [], seed: 0, entropyLoss: false };

export function importCommand(): Command {
  return new Command("import")
    .description("make a run folder out of weights of OpenPCDet or MMDetection3D, for eval, infer and train")
    .requiredOption("--weights <file>", "checkpoint: .pth or .pt of PyTorch, or safetensors")
    .requiredOption("--config <name|file>", "the recipe whose detector the weights belong to, such as second-kitti")
    .addOption(setOption())
    .requiredOption("--out <dir>", "run folder to make")
    .addOption(
      new Option(
        "--source <program>",
        "whose weights they are (default: what names and version in the file tell)",
      ).choices([...publicSources]),
    )
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async ({ weights, config: name, set, out, source: asked, json }: ImportFlags) => {
      const given = openRecipe(name, "--config", set);
      const { config: detector, weights: arrays, source, classes } = readPublicDetector(weights, given.detector, asked);
      const recipe = { ...given, detector };
      const backend = await startBackend("simd");
      const state = newTrainingState(recipe, 0);
      assignWeights(state.weights, arrays);
      await owningFolder(out, async () => {
        sweepTemporaries(out);
        const run = begunImport(out, { settings: NOTHING_TRAINED, recipe }, backend);
        await writeCheckpoint(run.checkpoint, state);
      });
      const order = classes === undefined ? "" : `, classes in the order ${classes.join(", ")}`;
      const text = `${arrays.size} tensors of ${source}${order}, into ${out}\nnext: eloss eval --run ${shellWord(out)} --data KITTI`;
      printResult(json, { run: out, detector: detector.name, source, tensors: arrays.size }, text);
    });
}

/** A new run folder, or the one of an import that was killed before it had written the weights. */
function begunImport(out: string, request: RunRequest, backend: BackendReport): RunFolder {
  if (existsSync(runFolder(out).checkpoint)) return startRun(out, request, backend);
  return openRun(out, request, { backend, remedy: "choose another --out, or delete that folder" });
}
