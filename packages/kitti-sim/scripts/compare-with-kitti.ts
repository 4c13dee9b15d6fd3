/**
 * Measures simulated frames beside real ones and writes docs/believability.md with its figures.
 *
 *     pnpm compare [FOLDER OF REAL FRAMES] [SIMULATED FRAMES]
 *
 * Real frames may not be passed on: only counts over all of them are written.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { encode } from "fast-png";
import { openDataset } from "kitti-io";
import { goldenPath } from "test-support";
import { IMAGE_SIZE, type Panes, type RgbImage, simulateFrame } from "../src/index.js";
import { believabilityReport } from "./believability-report.js";
import { drawCloud } from "./draw-cloud.js";
import { histogramSvg } from "./histogram-svg.js";
import { HISTOGRAMS, type HistogramName, type MeasuredFrame, measureFrames } from "./measure-frames.js";

const SEED = 0;
/** Frames of the seed that are shown: a residential street, an avenue. */
const SHOWN = [3, 1];

const here = dirname(fileURLToPath(import.meta.url));
const docs = join(here, "..", "docs");

const root = process.argv[2] ?? goldenPath("kitti-mini");
if (root === undefined) throw new Error("compare: expected a folder of KITTI frames as first argument, got none");
const count = Number(process.argv[3] ?? 64);
if (!(Number.isInteger(count) && count > 0)) {
  throw new RangeError(`compare: expected a whole number > 0 of simulated frames, got ${process.argv[3]}`);
}

const real = await measureFrames(await openDataset(root));
const simulated = await measureFrames(simulatedFrames("tinted"));
const clear = await measureFrames(simulatedFrames("clear"));
mkdirSync(docs, { recursive: true });
const pictures = SHOWN.flatMap((index) => {
  const frame = simulateFrame({ seed: SEED, frame: index, panes: "tinted" });
  return [save(`camera-${index}.png`, frame.image), save(`above-${index}.png`, drawCloud(frame))];
});
for (const name of Object.keys(HISTOGRAMS) as HistogramName[]) {
  writeFileSync(join(docs, `${name}.svg`), histogramSvg(name, real.histograms[name], simulated.histograms[name]));
}
const remarks = readFileSync(join(here, "believability-remarks.md"), "utf8");
writeFileSync(
  join(docs, "believability.md"),
  believabilityReport({ real, simulated, clear }, { seed: SEED, pictures, remarks }),
);

function* simulatedFrames(panes: Panes): Generator<MeasuredFrame> {
  for (let frame = 0; frame < count; frame++) {
    yield { ...simulateFrame({ seed: SEED, frame, field: "camera", panes }), imageSize: IMAGE_SIZE };
  }
}

function save(name: string, image: RgbImage): string {
  writeFileSync(join(docs, name), encode({ ...image, channels: 3, depth: 8 }));
  return name;
}
