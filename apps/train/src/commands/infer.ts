import { resolve } from "node:path";
import { printable, quoted } from "checked-text";
import { Command, InvalidArgumentError, Option } from "commander";
import type { BackendName, Precision } from "open-backend";
import { pointCloudExtensions } from "point-cloud-io";
import type { NamedArray } from "second-detector";
import type { PretrainedName } from "second-weights";
import { type DataReading, dataReadingSchema } from "../frames/data-reading.js";
import { fileNameOf } from "../frames/frame.js";
import { doubtLines } from "../frames/frame-doubts.js";
import { describeLeftOut } from "../frames/frame-fault.js";
import { resolveSplit } from "../frames/frame-split.js";
import { USUAL_IMAGE_SIZE } from "../frames/kitti-frame.js";
import { openDataSource } from "../frames/open-data-source.js";
import { scanReader } from "../frames/scan-reader.js";
import { type FoundWeights, hashOfWeights, pretrainedWeights, runWeights } from "../inference/find-weights.js";
import { type InferredFrame, type InferredFrames, inferFrame, inferFrames } from "../inference/infer-frame.js";
import { scanReport, splitReport, writeResult } from "../inference/infer-report.js";
import { frameTime, STAGES } from "../inference/latency.js";
import type { Lift } from "../inference/lift.js";
import { makeDetector, makeUntrainedDetector } from "../inference/open-detector.js";
import { openOutFolder } from "../inference/out-folder.js";
import type { Detector } from "../inference/predict-frame.js";
import { openRecipeIfNamed } from "../recipe/open-recipe.js";
import { WrongUse } from "../system/command-error.js";
import { counted } from "../system/counted.js";
import { startProgress } from "../system/progress.js";
import { startBackend } from "../system/start-backend.js";
import { listenForStop } from "../system/stop-signal.js";
import type { WeightsKind } from "../training/checkpoint.js";
import {
  backendOption,
  columnsOption,
  jsonOption,
  MOST,
  positiveNumber,
  precisionOption,
  pretrainedOption,
  seedOption,
  setOption,
  splitOption,
  strictOption,
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
  readonly full: boolean;
  readonly columns?: readonly string[];
  readonly intensityMaximum?: number;
  readonly lift: Lift;
  readonly kitti: boolean;
  readonly data?: string;
  readonly split: string;
  readonly out?: string;
  readonly warmUp: number;
  readonly repeat: number;
  readonly strict: boolean;
  readonly seed: number;
  readonly backend: BackendName;
  readonly precision?: Precision;
  readonly json: boolean;
}

const HELP = `
Examples:
  eloss infer --pretrained second-small --calib KITTI/training/calib/000001.txt KITTI/training/velodyne/000001.bin
  eloss infer --run runs/with --calib KITTI/training/calib/000001.txt KITTI/training/velodyne/000001.bin
  eloss infer --run runs/own scan.pcd
  eloss infer --pretrained second-small-full --lift road --intensity-maximum 255 scan.pcd
  eloss infer --run runs/with --data KITTI --split val --out found
  eloss infer --untrained second-kitti --data KITTI

Scans are files of x, y, z and intensity (${pointCloudExtensions.join(", ")}), read as the recipe's \`data\` says. Boxes are in the LiDAR frame: x
forward, y left, z up, the centre of the box, metres; yaw counter-clockwise from x, radians. As in training, only points that the camera
sees are used: give --image for its size (only the header is read), else ${USUAL_IMAGE_SIZE.width} x ${USUAL_IMAGE_SIZE.height} is assumed. A detector with a camera
needs the image itself. A detector that learnt whole scans (\`view: full\`, or --full here) needs no calibration.

With --data it goes through many frames, one after the other, and reports how long each stage takes: half of the frames
(p50) and 99 % of them (p99) took no longer. Before them --warm-up frames are run that do not count. Untrained weights
take as long as trained ones but find nothing, so that suppression has nothing to do. A frame whose files are at fault is named and left
out; with --strict it ends the command. --out gets the results of each frame at once; a folder with results of other weights or data is
refused. Ctrl-C ends after the frame at hand, with what was
found by then.

Exit status: 0 all frames done, 1 some left out (or an error), 2 wrong use, 130 interrupted.`;

export function inferCommand(): Command {
  const untrained = new Option("--untrained <recipe>", "random weights instead of --run, to measure time alone");
  const data = new Option("--data <dir>", "data set instead of a scan: a KITTI root, or scans of one's own");
  return new Command("infer")
    .description("find objects in one scan or in many with a trained run, and say how long each stage takes")
    .argument("[scan]", `a scan: ${pointCloudExtensions.map((each) => `.${each}`).join(", ")}`)
    .option("--run <dir>", "run folder that `eloss train` made")
    .addOption(pretrainedOption())
    .addOption(weightsOption().conflicts(["pretrained", "untrained"]))
    .addOption(untrained.conflicts(["run", "pretrained", "kitti", "out"]))
    .addOption(setOption())
    .option("--calib <file>", "KITTI calibration of the scan")
    .option("--image <file>", "image of the left colour camera, for its size and for a detector with a camera")
    .option("--full", "the whole scan, whatever a camera sees of it", false)
    .addOption(columnsOption("as the recipe says"))
    .option("--intensity-maximum <n>", "intensity that becomes 1 (default: as the recipe says)", positiveNumber)
    .option(
      "--lift <m>",
      "metres to raise scans before the detector looks, and lower its boxes again; road: as far as brings the road where --pretrained " +
        "weights learnt it",
      parseLift,
      0,
    )
    .option("--kitti", "print the lines of a KITTI result file", false)
    .addOption(data.conflicts(["calib", "image", "kitti"]))
    .addOption(splitOption("all", "frames of --data"))
    .option("--out <dir>", "with --data: new folder for result files, one per frame")
    .option("--warm-up <n>", "with --data: frames to run before those that count", wholeNumber(0, MOST.frames), 3)
    .option("--repeat <n>", "with --data: passes over the frames", wholeNumber(1, MOST.frames), 1)
    .addOption(strictOption())
    .addOption(seedOption("seed of --untrained weights; nothing else is random"))
    .addOption(backendOption())
    .addOption(precisionOption("the run's or the recipe's"))
    .addOption(jsonOption().conflicts("kitti"))
    .addHelpText("after", HELP)
    .action(async (scan: string | undefined, flags: InferFlags) => {
      if ((scan === undefined) === (flags.data === undefined))
        throw new WrongUse("infer: expected a scan or --data <dir>");
      const weights = weightsOf(flags);
      if (scan === undefined) process.exitCode = await inferSplit(weights, flags);
      else process.stdout.write(await inferScan(scan, weights, flags));
    });
}

interface Opened {
  readonly detector: Detector;
  /** of the checkpoint; absent for untrained weights */
  readonly step?: number;
  /** absent for untrained weights */
  readonly model?: ReadonlyMap<string, NamedArray>;
}

/** Weights that have been found, and how scans are to be read for them. */
interface Weights {
  readonly reading: DataReading;
  /** that they were trained in, if it is not float32 */
  readonly precision?: Precision | undefined;
  /** what they are, for people */
  readonly name: string;
  /** loads them, once a backend has been chosen */
  load(): Opened | Promise<Opened>;
}

/** Weights whose backend they start themselves. */
interface ReadyWeights extends Omit<Weights, "load"> {
  load(): Promise<Opened & { readonly precision: Precision }>;
}

/** Checks where the weights come from. */
function weightsOf(flags: InferFlags): ReadyWeights {
  const { full, columns, intensityMaximum, lift, pretrained } = flags;
  if (lift === "road" && pretrained === undefined) {
    throw new WrongUse(
      "infer: expected --pretrained <name> with --lift road: where a run learnt its road is not known",
    );
  }
  const valid = dataReadingSchema.safeParse({ columns });
  if (!valid.success) throw new WrongUse(`infer: --columns ${columns}: ${valid.error.issues[0].message}`);
  const found = findWeights(flags);
  const reading: DataReading = {
    ...found.reading,
    ...(full && { view: "full" }),
    ...(columns && { columns }),
    ...(intensityMaximum && { intensityMaximum }),
  };
  return {
    ...found,
    reading,
    async load() {
      const { precision } = await startBackend(flags.backend, flags.precision ?? found.precision);
      return { ...(await found.load()), precision };
    },
  };
}

function findWeights({ run, pretrained, untrained, set, weights: kind, seed }: InferFlags): Weights {
  const recipe = openRecipeIfNamed(untrained, "--untrained", set);
  if (pretrained !== undefined) return loading(pretrainedWeights(pretrained));
  if (recipe !== undefined) {
    const { detector: config, data: reading = {}, precision } = recipe;
    return {
      reading,
      precision,
      name: untrained!,
      async load() {
        process.stderr.write(`untrained weights of ${config.name}: their boxes mean nothing\n`);
        return { detector: await makeUntrainedDetector(config, seed) };
      },
    };
  }
  if (run === undefined) {
    throw new WrongUse(
      "infer: expected --run <dir> or --pretrained <name>, or --untrained <recipe> to measure time alone",
    );
  }
  return loading(runWeights(run, kind));
}

function loading({ reading, precision, name, read }: FoundWeights): Weights {
  return {
    reading,
    precision,
    name,
    load() {
      const { model, config, step, description, path } = read();
      process.stderr.write(`${description}\n`);
      return { detector: makeDetector(model, config, path), step, model };
    },
  };
}

async function inferScan(scan: string, { reading, load }: ReadyWeights, flags: InferFlags): Promise<string> {
  const files = scanReader("infer", reading, flags);
  const { detector, step } = await load();
  const frame = await inferFrame(detector, files, scan, heightOf(flags));
  detector.network.dispose();
  const stages = STAGES.map((stage) => `${stage} ${frame.times[stage].toFixed(0)}`).join(", ");
  process.stderr.write(
    `${counted(frame.pointsInView, "point")} in view; ${frameTime(frame.times).toFixed(0)} ms (${stages}), cold\n`,
  );
  sayDoubts([frame]);
  const format = flags.json ? "json" : flags.kitti ? "kitti" : "text";
  return scanReport(frame, { config: detector.config, scan, step, format });
}

/** @returns the exit status */
async function inferSplit({ reading, name, load }: ReadyWeights, flags: InferFlags): Promise<number> {
  const { split, warmUp, repeat, out, strict } = flags;
  const data = openDataSource(flags.data!, { labels: false, reading });
  const ids = resolveSplit(data, split);
  const stop = listenForStop("stopping after this frame (Ctrl-C again: end at once)");
  try {
    const { detector, step, model, precision } = await load();
    const { config } = detector;
    const of = { weights: name, split, precision, lift: flags.lift, data: resolve(data.root), reading };
    const before =
      out === undefined ? [] : openOutFolder(out, { ...of, sha256: hashOfWeights(model!), detector: config });
    const progress = startProgress("infer", warmUp + repeat * ids.length);
    const inferred = await inferFrames(detector, data, {
      ids,
      ...{ warmUp, repeat, stop, strict, ...heightOf(flags) },
      onFrame(frame, pass) {
        const { id, found, times } = frame;
        if (out !== undefined && pass === 1) writeResult(out, frame, config);
        progress.advance(`${id}: ${found.scores.length} boxes, ${frameTime(times).toFixed(0)} ms`);
      },
      onFault: (frame) => progress.mention(describeLeftOut(frame)),
    }).finally(progress.stop);
    detector.network.dispose();
    const status = report(inferred, { config, step, split, warmUp, frames: ids.length }, flags);
    sayOthers(before, ids, flags);
    return status;
  } finally {
    stop.release();
  }
}

/** @returns the exit status */
function report(
  inferred: InferredFrames,
  { frames, ...source }: Omit<Parameters<typeof splitReport>[1], "format"> & { readonly frames: number },
  { json }: InferFlags,
): number {
  const { leftOut, stopped, inferred: done } = inferred;
  const format = json ? "json" : "text";
  if (done.length > 0) process.stdout.write(splitReport(inferred, { ...source, format }));
  sayDoubts(done);
  if (leftOut.length > 0)
    process.stderr.write(`${leftOut.length} of ${counted(frames, "frame")} left out, as said above\n`);
  if (stopped) process.stderr.write(`stopped after ${done.length} of ${counted(frames, "frame")}\n`);
  if (stopped) return 130;
  return leftOut.length === 0 ? 0 : 1;
}

/** Says that a folder has results of frames, too, that this split does not name. */
function sayOthers(files: readonly string[], ids: readonly string[], { out, split }: InferFlags): void {
  const own = new Set(ids.map((id) => `${fileNameOf(id)}.txt`));
  const others = files.filter((file) => !own.has(file));
  if (others.length === 0) return;
  const there = `${counted(others.length, "result file")} of an earlier call (${quoted(others[0])} first)`;
  process.stderr.write(
    `${out} has ${there}, of frames that --split ${split} does not name: whoever evaluates the folder evaluates them, too\n`,
  );
}

/** Where the detector expects the road of a scan. */
function heightOf({ lift, pretrained }: InferFlags) {
  return { lift, roadIsKnown: pretrained !== undefined };
}

function parseLift(text: string): Lift {
  const metres = Number(text);
  if (text === "road") return text;
  if (text.trim() !== "" && Math.abs(metres) < 1000) return metres;
  throw new InvalidArgumentError(`expected metres or road, got ${quoted(text)}.`);
}

function sayDoubts(frames: readonly InferredFrame[]): void {
  const advice =
    "how files are to be read stands in the recipe's `data`; --columns, --intensity-maximum and --full say it for this command";
  for (const line of doubtLines(frames, advice)) process.stderr.write(`${printable(line)}\n`);
}
