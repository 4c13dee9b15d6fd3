import { printable, quoted } from "checked-text";
import { Command, Option } from "commander";
import type { BackendName } from "open-backend";
import { pointCloudExtensions } from "point-cloud-io";
import { type PretrainedName, pretrainedNames } from "second-weights";
import { chooseDetections } from "../explain/choose-detections.js";
import { explainFrame } from "../explain/explain-frame.js";
import { explanationFigures, explanationTable } from "../explain/explanation-text.js";
import type { DataReading } from "../frames/data-reading.js";
import type { FrameReader } from "../frames/data-source.js";
import { doubtLines, frameDoubts } from "../frames/frame-doubts.js";
import { nearestId } from "../frames/frame-split.js";
import { openDataSource } from "../frames/open-data-source.js";
import { scanReader } from "../frames/scan-reader.js";
import { visibleFrame } from "../frames/visible-frame.js";
import { type FoundWeights, pretrainedWeights, runWeights } from "../inference/find-weights.js";
import { explanationPage } from "../report/explanation-page.js";
import { sweepTemporariesOf, writeFileAtomic } from "../system/atomic-write.js";
import { WrongUse } from "../system/command-error.js";
import { openInBrowser } from "../system/open-in-browser.js";
import { printResult } from "../system/print-result.js";
import { type Progress, startProgress } from "../system/progress.js";
import { startBackend } from "../system/start-backend.js";
import { letSignalsIn, listenForStop } from "../system/stop-signal.js";
import type { WeightsKind } from "../training/checkpoint.js";
import {
  backendOption,
  jsonOption,
  MOST,
  positiveNumber,
  seedOption,
  shareBelowOne,
  weightsOption,
  wholeNumber,
} from "./options.js";
import { requireWritable } from "./require-writable.js";

interface ExplainFlags {
  readonly run?: string;
  readonly pretrained?: PretrainedName;
  readonly weights?: WeightsKind;
  readonly data?: string;
  readonly calib?: string;
  readonly image?: string;
  readonly full: boolean;
  readonly score: number;
  readonly object?: readonly number[];
  readonly draws: number;
  readonly seconds?: number;
  readonly out: string;
  readonly open: boolean;
  readonly seed: number;
  readonly backend: BackendName;
  readonly json: boolean;
}

const HELP = `
Examples:
  eloss explain --pretrained second-small --data KITTI 000008
  eloss explain --run runs/with --data KITTI 000008 --object 1 --draws 2000
  eloss explain --pretrained second-small --calib KITTI/training/calib/000008.txt KITTI/training/velodyne/000008.bin

Writes a page that shows in 3D which points of the scan each box hangs on, and from above what every layer of the backbone makes
of the scan, with the entropy of every channel. Points are asked in two ways:

  removal    Points are taken away at random, cell by cell, fewer of them far away where there are few, and the detector looks at what is left
             (--draws times; each look serves all boxes). A point is worth what is found of the box where it stayed, less that where it went.
  gradients  How much the score changes, to first order, as a point moves.

The table says which share of what speaks for a box lies in it, and within half a metre of it. "found again" is what is left of the box in
the thinned scans, 0 to 1, on average: near 0 nothing can be learnt from them. Of removal only what exceeds 3.5 standard errors counts:
more draws see more. The same draws, seed and machine give the same page; --seconds ends the drawing sooner, with what was found by then, as does
Ctrl-C.

Exit status: 0 done, 1 an error, 2 wrong use, 130 interrupted (with a page, if two scans or more were drawn).`;

/** Draws at most. */
const MOST_DRAWS = 10_000_000;

export function explainCommand(): Command {
  const pretrained = new Option(
    "--pretrained <name>",
    "a detector of second-weights instead of --run, trained on simulated streets",
  )
    .choices(pretrainedNames)
    .conflicts("run");
  const data = new Option("--data <dir>", "data set that the frame is of: a KITTI root, or scans of one's own");
  return new Command("explain")
    .description("show which points of a scan each box hangs on, and what the layers of the network make of it")
    .argument(
      "<frame>",
      `a frame of --data, such as 000008; without it a scan: ${pointCloudExtensions.map((each) => `.${each}`).join(", ")}`,
    )
    .option("--run <dir>", "run folder that `eloss train` made")
    .addOption(pretrained)
    .addOption(weightsOption().conflicts("pretrained"))
    .addOption(data.conflicts(["calib", "image"]))
    .option("--calib <file>", "KITTI calibration of the scan")
    .option("--image <file>", "image of the left colour camera, for its size and for a detector with a camera")
    .option("--full", "the whole scan, whatever a camera sees of it", false)
    .option("--score <least>", "explain the boxes of this score or more", shareBelowOne, 0.3)
    .addOption(
      new Option(
        "--object <number>",
        "explain this box, by its place among those found, the best first: 1; more than once",
      )
        .argParser((text: string, before: readonly number[] = []) => [...before, wholeNumber(1, MOST.frames)(text)])
        .conflicts("score"),
    )
    .option("--draws <n>", "thinned scans to look at", wholeNumber(2, MOST_DRAWS), 500)
    .option("--seconds <s>", "end the drawing after this many", positiveNumber)
    .option("--out <file>", "file to write", "explain.html")
    .option("--open", "show it in the browser", false)
    .addOption(seedOption("seed of the draws"))
    .addOption(backendOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (id: string, flags: ExplainFlags) => {
      process.exitCode = await explain(id, flags);
    });
}

/** @returns the exit status */
async function explain(id: string, flags: ExplainFlags): Promise<number> {
  const weights = weightsOf(flags);
  requireWritable(flags.out);
  const reading: DataReading = flags.full ? { ...weights.reading, view: "full" } : weights.reading;
  const reader = readerOf(id, reading, flags);
  const read = await reader.read(id);
  await startBackend(flags.backend);
  const { step, description, ...trained } = weights.read();
  const { config } = trained;
  process.stderr.write(`${description}\n`);
  const seen = { ...visibleFrame(read, config), image: config.camera && (await reader.readImage(id)) };
  for (const line of doubtLines([{ id, doubts: frameDoubts(read), dropped: read.dropped }])) {
    process.stderr.write(`${printable(line)}\n`);
  }
  const stop = listenForStop("stopping after this draw; the page shows what was drawn (Ctrl-C again: end at once)");
  let progress: Progress | undefined;
  try {
    const { score, object: objects, draws, seconds = Number.POSITIVE_INFINITY, seed } = flags;
    let began: number | undefined;
    const explained = await explainFrame({
      ...trained,
      k: weights.k,
      frame: seen,
      choose: (found) => chooseDetections(found, { score, objects, id, threshold: config.predict.scoreThreshold }),
      draws,
      seed,
      onStart(steps) {
        progress = startProgress("explain", steps);
      },
      async onStep(what) {
        progress!.advance(what);
        await letSignalsIn();
        if (what.startsWith("draw")) began ??= performance.now();
        return !stop.requested && (began === undefined || performance.now() - began < 1000 * seconds);
      },
    }).finally(() => progress?.stop());
    const drawn = `${explained.draws}${explained.draws < draws ? ` of ${draws}` : ""}, seed ${seed}`;
    const facts = [
      ["Weights", description.startsWith(weights.name) ? description : `${weights.name}: ${description}`],
      [
        "Frame",
        `${id}${flags.data === undefined ? "" : ` of ${flags.data}`}, ${seen.points.length / 4} points in view`,
      ],
      ["Draws", drawn],
    ] as const;
    const page = explanationPage(explained, { frame: read, config, name: weights.name, facts });
    sweepTemporariesOf(flags.out);
    writeFileAtomic(flags.out, page);
    const found = { file: flags.out, frame: id, weights: weights.name, step, seed, ...explanationFigures(explained) };
    printResult(flags.json, found, `${printable(explanationTable(explained))}\n${flags.out}`);
    if (explained.draws < draws) process.stderr.write(`${drawn} draws\n`);
    if (flags.open) openInBrowser(flags.out);
    return stop.requested ? 130 : 0;
  } finally {
    stop.release();
  }
}

function weightsOf({ run, pretrained, weights }: ExplainFlags): FoundWeights {
  if (pretrained !== undefined) return pretrainedWeights(pretrained);
  if (run !== undefined) return runWeights(run, weights);
  throw new WrongUse(`explain: expected --run <dir> or --pretrained <name> (${pretrainedNames.join(", ")})`);
}

/** @throws Error naming a frame that is not there, and the one that may be meant */
function readerOf(id: string, reading: DataReading, flags: ExplainFlags): FrameReader {
  if (flags.data === undefined) return scanReader("explain", reading, flags);
  const data = openDataSource(flags.data, { reading });
  if (data.ids.includes(id)) return data;
  const [first, last] = [data.ids[0], data.ids.at(-1)];
  const hint = nearestId(id, data.ids);
  const there = data.ids.length === 0 ? "there are none" : `there are ${data.ids.length}, ${first} to ${last}`;
  throw new Error(`explain: expected a frame of ${flags.data} (${there}), got ${quoted(id)}${hint && `; ${hint}`}`);
}
