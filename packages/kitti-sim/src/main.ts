import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { printable, quoted } from "checked-text";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { Panes } from "./cast-scan.js";
import type { LabelView } from "./label-objects.js";
import { MAX_FRAMES, MAX_WORKERS } from "./limits.js";
import { type Progress, startProgress } from "./progress.js";
import { BEAM_COUNTS, type BeamCount, type Field } from "./sensor.js";
import { type DatasetProgress, writeSimulatedDataset } from "./write-dataset.js";

/** Where a command writes, and what ends it. */
export interface CommandContext {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Ctrl-C */
  readonly signal: AbortSignal;
}

interface Options {
  readonly train: number;
  readonly val: number;
  readonly seed: number;
  readonly workers: number;
  readonly field: Field;
  readonly labels: LabelView;
  readonly beams: readonly BeamCount[];
  readonly panes: Panes;
  readonly json?: boolean;
}

const HELP = `
OUT gets KITTI's layout: training/{velodyne,image_2,calib,label_2}/NNNNNN.* and ImageSets/{train,val,trainval}.txt.
The same options give the same bytes, whatever the number of workers. Interrupted, the same command goes on.

Exit status: 0 done, 1 OUT holds other data or cannot be written, 2 wrong use, 130 stopped by Ctrl-C.

Examples
  kitti-sim streets                              150 + 50 frames of full turns, some 2 MB each
  kitti-sim small --train 20 --val 5 --field camera
  kitti-sim round --labels full --beams 32,64    frames of two sensors in turn, everything round them labelled`;

/**
 * The `kitti-sim` command.
 * @param argv what follows the command's name
 * @returns the exit status: 0 done, 1 the folder cannot be used, 2 wrong use, 130 stopped
 */
export async function main(argv: readonly string[], { stderr, ...streams }: CommandContext): Promise<number> {
  // Names of files may hold anything.
  const context = { ...streams, stderr: (text: string) => stderr(printable(text)) };
  let status = 0;
  const command = new Command("kitti-sim")
    .version(version(), "-V, --version", "print the version")
    .description("Writes a simulated street world as a KITTI dataset: LiDAR scans, images, calibrations, labels.")
    .argument("<OUT>", "folder to write; new, empty, or begun by the same command")
    .option("--train <n>", "frames to train on", wholeNumber(MAX_FRAMES), 150)
    .option("--val <n>", "frames to validate on", wholeNumber(MAX_FRAMES), 50)
    .option("--seed <n>", "which world", wholeNumber(Number.MAX_SAFE_INTEGER), 0)
    .option("--workers <n>", "threads; 0 = the main one", wholeNumber(MAX_WORKERS), availableParallelism())
    .addOption(
      new Option("--field <part>", "full turns of the LiDAR, or only the camera's sector: a quarter of size and rays")
        .choices(["full", "camera"])
        .default("full"),
    )
    .addOption(
      new Option("--labels <part>", "what is labelled: what the camera sees, or everything round the sensor")
        .choices(["camera", "full"])
        .default("camera"),
    )
    .option(
      "--beams <n>",
      `of the LiDAR: ${BEAM_COUNTS.join(", ")}; several, with commas, take turns`,
      beamCounts,
      [64],
    )
    .addOption(
      new Option(
        "--panes <kind>",
        "of cars and houses: clear, or tinted as real ones are, through which little light comes back",
      )
        .choices(["clear", "tinted"])
        .default("clear"),
    )
    .option("--json", "print one line of JSON instead of words and progress")
    .addHelpText("after", HELP)
    .exitOverride()
    .configureOutput({ writeOut: context.stdout, writeErr: context.stderr, getOutHelpWidth: () => 110 })
    .showHelpAfterError("(kitti-sim --help explains)")
    .action(async (root: string, options: Options) => {
      status = await simulate(root, options, context);
    });
  try {
    await command.parseAsync(argv, { from: "user" });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}

/** Of the package, the same from src/ and from dist/. */
function version(): string {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
}

/** A parser for whole numbers up to `most`. */
function wholeNumber(most: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,16}$/.test(text) && Number(text) <= most) return Number(text);
    throw new InvalidArgumentError(`Expected a whole number from 0 to ${most}, got ${quoted(text)}.`);
  };
}

/** Sensors by their beams. */
function beamCounts(text: string): readonly BeamCount[] {
  return text.split(",").map((word) => {
    const count = BEAM_COUNTS.find((each) => String(each) === word.trim());
    if (count === undefined) throw new InvalidArgumentError(`Expected ${BEAM_COUNTS.join(", ")}, got ${quoted(word)}.`);
    return count;
  });
}

async function simulate(root: string, { json, ...options }: Options, context: CommandContext): Promise<number> {
  const started = performance.now();
  let progress: Progress | undefined;
  const onFrame = ({ done, total, kept }: DatasetProgress) => {
    if (json || kept === total) return;
    progress ??= startProgress("frames", { total, done });
    progress.update(done);
  };
  try {
    const { written, kept } = await writeSimulatedDataset(root, { ...options, onFrame, signal: context.signal });
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    progress?.stop();
    context.stdout(
      json
        ? `${JSON.stringify({ root, ...options, written, kept, seconds })}\n`
        : `${root}: ${written} of ${written + kept} frames written in ${seconds} s, ${kept} ${kept === 1 ? "was" : "were"} there\n`,
    );
    return 0;
  } catch (error) {
    progress?.stop();
    if (context.signal.aborted) {
      context.stderr("kitti-sim: stopped; what is written stays, and the same command goes on\n");
      return 130;
    }
    context.stderr(`kitti-sim: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}
