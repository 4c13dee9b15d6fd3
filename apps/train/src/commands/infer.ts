import { accessSync, constants, mkdirSync } from "node:fs";
import { Command, Option } from "commander";
import type { BackendName } from "open-backend";
import { type PretrainedName, pretrainedNames, readPretrained } from "second-weights";
import { describeLeftOut } from "../frames/frame-fault.js";
import { resolveSplit } from "../frames/frame-split.js";
import { readerOfFiles } from "../frames/kitti-folder.js";
import { USUAL_IMAGE_SIZE } from "../frames/kitti-frame.js";
import { openDataSource } from "../frames/open-data-source.js";
import { inferFrame, inferFrames } from "../inference/infer-frame.js";
import { scanReport, splitReport, writeResult } from "../inference/infer-report.js";
import { frameTime, STAGES } from "../inference/latency.js";
import {
  describeCheckpoint,
  makeDetector,
  makeUntrainedDetector,
  openTrainedDetector,
} from "../inference/open-detector.js";
import type { Detector } from "../inference/predict-frame.js";
import { openRecipeIfNamed } from "../recipe/open-recipe.js";
import { openRunFolder } from "../runs/run-folder.js";
import { startProgress } from "../system/progress.js";
import { startBackend } from "../system/start-backend.js";
import type { WeightsKind } from "../training/checkpoint.js";
import {
  backendOption,
  jsonOption,
  MOST,
  seedOption,
  setOption,
  splitOption,
  weightsOption,
  wholeNumber,
} from "./options.js";

interface InferFlags {
  readonly run?: string;
  readonly pretrained?: PretrainedName;
  readonly untrained?: string;
  readonly set: readonly string[];
  readonly weights?: WeightsKind;
  readonly calib?: string;
  readonly image?: string;
  readonly kitti: boolean;
  readonly data?: string;
  readonly split: string;
  readonly out?: string;
  readonly warmUp: number;
  readonly repeat: number;
  readonly seed: number;
  readonly backend: BackendName;
  readonly json: boolean;
}

const HELP = `
Examples:
  eloss infer --pretrained second-small --calib KITTI/training/calib/000001.txt KITTI/training/velodyne/000001.bin
  eloss infer --run runs/with --calib KITTI/training/calib/000001.txt KITTI/training/velodyne/000001.bin
  eloss infer --run runs/with --data KITTI --split val --out found
  eloss infer --untrained second-kitti --data KITTI

Boxes are in the LiDAR frame: x forward, y left, z up, the centre of the box, metres; yaw counter-clockwise from x,
radians. As in training, only points that the camera sees are used: give --image for its size (only the header is read),
else ${USUAL_IMAGE_SIZE.width} x ${USUAL_IMAGE_SIZE.height} is assumed. A detector with a camera needs the image itself.

With --data it goes through many frames, one after the other, and reports how long each stage takes: half of the frames
(p50) and 99 % of them (p99) took no longer. Before them --warm-up frames are run that do not count. Untrained weights
take as long as trained ones but find nothing, so that suppression has nothing to do. A frame whose files are at fault is named and left
out; --out gets the results of each frame at once.

Exit status: 0 all frames done, 1 some left out (or an error).`;

export function inferCommand(): Command {
  const pretrained = new Option(
    "--pretrained <name>",
    "a detector of second-weights instead of --run, trained on simulated streets",
  )
    .choices(pretrainedNames)
    .conflicts("run");
  const untrained = new Option("--untrained <recipe>", "random weights instead of --run, to measure time alone");
  const data = new Option("--data <dir>", "KITTI root instead of a scan, with training/velodyne or velodyne in it");
  return new Command("infer")
    .description("find objects in one scan or in many with a trained run, and say how long each stage takes")
    .argument("[scan.bin]", "Velodyne scan: float32 x, y, z, intensity")
    .option("--run <dir>", "run folder that `eloss train` made")
    .addOption(pretrained)
    .addOption(weightsOption().conflicts(["pretrained", "untrained"]))
    .addOption(untrained.conflicts(["run", "pretrained", "kitti", "out"]))
    .addOption(setOption())
    .option("--calib <file>", "KITTI calibration of the scan")
    .option("--image <file>", "PNG of the left colour camera, for its size and for a detector with a camera")
    .option("--kitti", "print the lines of a KITTI result file", false)
    .addOption(data.conflicts(["calib", "image", "kitti"]))
    .addOption(splitOption("all", "frames of --data"))
    .option("--out <dir>", "with --data: folder for KITTI result files, one per frame")
    .option("--warm-up <n>", "with --data: frames to run before those that count", wholeNumber(0, MOST.frames), 3)
    .option("--repeat <n>", "with --data: passes over the frames", wholeNumber(1, MOST.frames), 1)
    .addOption(seedOption("seed of --untrained weights; nothing else is random"))
    .addOption(backendOption())
    .addOption(jsonOption().conflicts("kitti"))
    .addHelpText("after", HELP)
    .action(async (scan: string | undefined, flags: InferFlags) => {
      if ((scan === undefined) === (flags.data === undefined))
        throw new Error("infer: expected a scan or --data <dir>");
      const open = detectorOpener(flags);
      if (scan === undefined) process.exitCode = await inferSplit(open, flags);
      else process.stdout.write(await inferScan(scan, open, flags));
    });
}

interface Opened {
  readonly detector: Detector;
  /** of the checkpoint; absent for untrained weights */
  readonly step?: number;
}

/** Checks where the weights come from; loads them once a backend has been chosen. */
function detectorOpener(flags: InferFlags): () => Promise<Opened> {
  const open = weightsOpener(flags);
  return async () => {
    await startBackend(flags.backend);
    return open();
  };
}

function weightsOpener({
  run,
  pretrained,
  untrained,
  set,
  weights: kind,
  seed,
}: InferFlags): () => Opened | Promise<Opened> {
  const config = openRecipeIfNamed(untrained, "--untrained", set)?.detector;
  if (pretrained !== undefined) {
    return () => {
      const { weights, config, card } = readPretrained(pretrained);
      process.stderr.write(`${card.description}\n`);
      return { detector: makeDetector(weights, config), step: card.training.steps };
    };
  }
  if (config !== undefined) {
    return async () => {
      process.stderr.write(`untrained weights of ${config.name}: their boxes mean nothing\n`);
      return { detector: await makeUntrainedDetector(config, seed) };
    };
  }
  if (run === undefined) {
    throw new Error(
      "infer: expected --run <dir> or --pretrained <name>, or --untrained <recipe> to measure time alone",
    );
  }
  const folder = openRunFolder(run);
  return () => {
    const opened = openTrainedDetector(folder, kind);
    process.stderr.write(`${describeCheckpoint(opened)}\n`);
    return opened;
  };
}

async function inferScan(scan: string, open: () => Promise<Opened>, flags: InferFlags): Promise<string> {
  if (flags.calib === undefined) throw new Error("infer: expected --calib <file> with a scan");
  const { calib: calibration, image } = flags;
  const files = readerOfFiles((id) => ({ id, scan, calibration, ...(image !== undefined && { image }) }));
  const { detector, step } = await open();
  const frame = await inferFrame(detector, files, scan);
  detector.network.dispose();
  const stages = STAGES.map((stage) => `${stage} ${frame.times[stage].toFixed(0)}`).join(", ");
  process.stderr.write(
    `${frame.pointsInView} points in view; ${frameTime(frame.times).toFixed(0)} ms (${stages}), cold\n`,
  );
  const format = flags.json ? "json" : flags.kitti ? "kitti" : "text";
  return scanReport(frame, { config: detector.config, scan, step, format });
}

/** @returns the exit status */
async function inferSplit(open: () => Promise<Opened>, flags: InferFlags): Promise<number> {
  const { split, warmUp, repeat, out } = flags;
  const data = openDataSource(flags.data!, { labels: false });
  const ids = resolveSplit(data, split);
  await data.require(ids);
  if (out !== undefined) makeWritable(out);
  const { detector, step } = await open();
  const { config } = detector;
  const progress = startProgress("infer", warmUp + repeat * ids.length);
  const inferred = await inferFrames(detector, data, {
    ids,
    warmUp,
    repeat,
    onFrame(frame, pass) {
      const { id, found, times } = frame;
      if (out !== undefined && pass === 1) writeResult(out, frame, config);
      progress.advance(`${id}: ${found.scores.length} boxes, ${frameTime(times).toFixed(0)} ms`);
    },
    onFault: (frame) => progress.mention(describeLeftOut(frame)),
  });
  progress.stop();
  detector.network.dispose();
  const format = flags.json ? "json" : "text";
  process.stdout.write(splitReport(inferred, { config, step, split, warmUp, format }));
  const { leftOut } = inferred;
  if (leftOut.length > 0)
    process.stderr.write(`${leftOut.length} of ${ids.length} frames are left out, as said above\n`);
  return leftOut.length === 0 ? 0 : 1;
}

/** Finds out before hours of work whether files can be written into a folder. @throws Error naming it */
function makeWritable(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new Error(`--out ${folder}: expected a folder to write into: ${(cause as Error).message}`, { cause });
  }
}
