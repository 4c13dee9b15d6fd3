import { EntropyMonitor } from "entropy-loss";
import type { ResultTable } from "report-page";
import { disposeWeights } from "second-detector";
import type { DataSource } from "../frames/data-source.js";
import { readVisibleFrame } from "../frames/visible-frame.js";
import { readRecipe } from "../recipe/open-recipe.js";
import { randomStream } from "../system/random.js";
import { readCheckpointModel } from "../training/checkpoint.js";
import { lossOptions } from "../training/tap-loss.js";
import { readNetwork, readScan } from "../unusual-input/scan-reading.js";
import { formatInterval } from "./format-statistics.js";
import { noiseProtocols } from "./noise.js";
import type { PlannedRun } from "./planned-run.js";
import { areaUnderRoc, meanInterval } from "./statistics.js";

/** What a trained network says about one scan. */
interface NoisyReading {
  /** L1 of its entropies: the value of the Entropy Loss without weight */
  readonly l1: number;
  /** of its entropies from those of clean frames, as `EntropyMonitor` scores it */
  readonly deviation: number;
  /** mean score of its detections, 0 without any */
  readonly confidence: number;
}

/** Frames that an experiment on noise looks at. */
export interface NoiseFrames {
  /** clean frames whose entropies the monitor learns; two or more */
  readonly learned: readonly string[];
  /** others, clean and noisy, that it scores */
  readonly scored: readonly string[];
}

/** One run on every protocol. */
export interface NoiseReading {
  readonly arm: string;
  readonly seed: number;
  /** by protocol: one reading per frame */
  readonly readings: Readonly<Record<string, readonly NoisyReading[]>>;
}

/** How many frames {@link measureNoise} tells of for each run. */
export function countReadings({ learned, scored }: NoiseFrames): number {
  return learned.length + scored.length * noiseProtocols.length;
}

/**
 * Entropies and confidence of a trained run on clean and noisy versions of the same frames.
 * @param onFrame told after each frame and protocol
 */
export async function measureNoise(
  run: PlannedRun,
  { data, frames, onFrame }: { data: DataSource; frames: NoiseFrames; onFrame: (note: string) => void },
): Promise<NoiseReading> {
  const { folder, arm, seed } = run;
  const { detector: config, entropyLoss } = readRecipe(folder.config);
  const { model } = readCheckpointModel(folder.checkpoint);
  const network = readNetwork(model, config, lossOptions(entropyLoss));
  const monitor = new EntropyMonitor();
  await data.require([...new Set([...frames.learned, ...frames.scored])]);
  const readings: Record<string, NoisyReading[]> = Object.fromEntries(noiseProtocols.map(({ name }) => [name, []]));
  try {
    for (const id of frames.learned) {
      const frame = await readVisibleFrame(data, id, config);
      monitor.observe((await readScan(frame, network)).entropies);
      onFrame(`${arm.name} seed ${seed}: learning`);
    }
    for (const id of frames.scored) {
      const frame = await readVisibleFrame(data, id, config);
      for (const { name, apply } of noiseProtocols) {
        const points = apply(frame.points, randomStream(0, `${name} of frame ${id}`));
        const { entropies, confidence } = await readScan({ ...frame, points }, network);
        const { l1, deviation } = monitor.score(entropies);
        readings[name].push({ l1, deviation, confidence });
        onFrame(`${arm.name} seed ${seed}: ${name}`);
      }
    }
  } finally {
    disposeWeights(network.weights);
  }
  return { arm: arm.name, seed, readings };
}

/** Noisy against clean, over the runs of each arm. */
export function noiseTable(all: readonly NoiseReading[], arms: readonly string[]): ResultTable {
  const noisy = noiseProtocols.filter(({ name }) => name !== "clean");
  return {
    title: "Clean and noisy scans",
    note:
      `${noisy.map(({ name, description }) => `${name}: ${description}`).join(". ")}. L1 ratio: mean L1 of the noisy scans over that ` +
      "of the clean ones. Deviation: of all entropies and their changes from those of clean training frames, as EntropyMonitor scores " +
      "it. AUROC: how well a value tells noisy from clean scans, 0.5 is chance; higher L1, higher deviation and lower confidence " +
      "count as noisy. Means over the seeds with 95 % intervals.",
    columns: [
      "arm",
      "noise",
      "runs",
      "L1 ratio",
      "AUROC of L1",
      "AUROC of deviation",
      "AUROC of confidence",
      "confidence, clean",
      "confidence, noisy",
    ],
    rows: arms.flatMap((arm) =>
      noisy.map(({ name }) => {
        const runs = all.filter((reading) => reading.arm === arm);
        const over = (of: (clean: readonly NoisyReading[], noisy: readonly NoisyReading[]) => number, digits: number) =>
          formatInterval(meanInterval(runs.map(({ readings }) => of(readings.clean, readings[name]))), digits);
        return [
          arm,
          name,
          runs.length,
          over((clean, spoilt) => mean(spoilt.map(l1Of)) / mean(clean.map(l1Of)), 2),
          over((clean, spoilt) => areaUnderRoc(spoilt.map(l1Of), clean.map(l1Of)), 3),
          over((clean, spoilt) => areaUnderRoc(spoilt.map(deviationOf), clean.map(deviationOf)), 3),
          over((clean, spoilt) => areaUnderRoc(clean.map(confidenceOf), spoilt.map(confidenceOf)), 3),
          over((clean) => mean(clean.map(confidenceOf)), 3),
          over((_, spoilt) => mean(spoilt.map(confidenceOf)), 3),
        ];
      }),
    ),
  };
}

const l1Of = ({ l1 }: NoisyReading) => l1;
const deviationOf = ({ deviation }: NoisyReading) => deviation;
const confidenceOf = ({ confidence }: NoisyReading) => confidence;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
