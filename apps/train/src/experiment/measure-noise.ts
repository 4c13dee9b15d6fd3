import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { entropyProfile, measureEntropies } from "entropy-loss";
import { openDataset } from "kitti-io";
import type { ResultTable } from "report-page";
import {
  type AnchorGrid,
  buildAnchors,
  collateFrames,
  type DetectorConfig,
  decodePredictions,
  disposeWeights,
  forwardDetector,
  parseDetectorConfig,
  prepareFrame,
  type Weights,
  weightsFromArrays,
} from "second-detector";
import { readCheckpointModel } from "../checkpoint.js";
import { randomStream } from "../random.js";
import { lossOptions } from "../tap-loss.js";
import { sceneOf } from "../training-frames.js";
import { formatInterval } from "./compare-arms.js";
import { noiseProtocols } from "./noise.js";
import type { PlannedRun } from "./planned-run.js";
import { areaUnderRoc, meanInterval } from "./statistics.js";

/** What a trained network says about one scan. */
interface ScanReading {
  /** L1 of its entropies: the value of the Entropy Loss without weight */
  readonly l1: number;
  /** mean score of its detections, 0 without any */
  readonly confidence: number;
}

/** One run on every protocol. */
export interface NoiseReading {
  readonly arm: string;
  readonly seed: number;
  /** by protocol: one reading per frame */
  readonly readings: Readonly<Record<string, readonly ScanReading[]>>;
}

/**
 * Entropies and confidence of a trained run on clean and noisy versions of the same frames.
 * @param onFrame told after each frame and protocol
 */
export async function measureNoise(
  run: PlannedRun,
  { data, frames, onFrame }: { data: string; frames: readonly string[]; onFrame: (note: string) => void },
): Promise<NoiseReading> {
  const { folder, arm, seed } = run;
  const config = parseDetectorConfig(readFileSync(folder.config, "utf8"), folder.config);
  const { model } = readCheckpointModel(folder.checkpoint);
  const weights = weightsFromArrays(config, model);
  const anchors = buildAnchors(config);
  const dataset = await openDataset(data, { frames: [...frames] });
  const readings: Record<string, ScanReading[]> = Object.fromEntries(noiseProtocols.map(({ name }) => [name, []]));
  try {
    for (const id of frames) {
      const { points } = sceneOf(await dataset.readFrame(id), config);
      for (const { name, apply } of noiseProtocols) {
        const noisy = apply(points, randomStream(0, `${name} of frame ${id}`));
        readings[name].push(await readScan(noisy, { weights, config, anchors }));
        onFrame(`${arm.name} seed ${seed}: ${name}`);
      }
    }
  } finally {
    disposeWeights(weights);
  }
  return { arm: arm.name, seed, readings };
}

async function readScan(
  points: Float32Array,
  { weights, config, anchors }: { weights: Weights; config: DetectorConfig; anchors: AnchorGrid },
): Promise<ScanReading> {
  const batch = collateFrames([prepareFrame(points, config)], config);
  const { head, taps } = forwardDetector(weights, batch, { config });
  const options = lossOptions(config.entropyLoss);
  const { l1 } = entropyProfile(measureEntropies(taps, options), { variance: options.variance });
  const [cls, box, dir] = await Promise.all([head.cls.data(), head.box.data(), head.dir.data()]);
  tf.dispose([head, taps]);
  const { scores } = decodePredictions({ cls, box, dir }, anchors, config);
  const confidence = scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length);
  return { l1, confidence };
}

/** Noisy against clean, over the runs of each arm. */
export function noiseTable(all: readonly NoiseReading[], arms: readonly string[]): ResultTable {
  const noisy = noiseProtocols.filter(({ name }) => name !== "clean");
  return {
    title: "Clean and noisy scans",
    note:
      `${noisy.map(({ name, description }) => `${name}: ${description}`).join(". ")}. L1 ratio: mean L1 of the noisy scans over that ` +
      "of the clean ones. AUROC: how well a value tells noisy from clean scans, 0.5 is chance; higher L1 and lower confidence count " +
      "as noisy. Means over the seeds with 95 % intervals.",
    columns: [
      "arm",
      "noise",
      "runs",
      "L1 ratio",
      "AUROC of L1",
      "AUROC of confidence",
      "confidence, clean",
      "confidence, noisy",
    ],
    rows: arms.flatMap((arm) =>
      noisy.map(({ name }) => {
        const runs = all.filter((reading) => reading.arm === arm);
        const over = (of: (clean: readonly ScanReading[], noisy: readonly ScanReading[]) => number, digits: number) =>
          formatInterval(meanInterval(runs.map(({ readings }) => of(readings.clean, readings[name]))), digits);
        return [
          arm,
          name,
          runs.length,
          over((clean, spoilt) => mean(spoilt.map(l1Of)) / mean(clean.map(l1Of)), 2),
          over((clean, spoilt) => areaUnderRoc(spoilt.map(l1Of), clean.map(l1Of)), 3),
          over((clean, spoilt) => areaUnderRoc(clean.map(confidenceOf), spoilt.map(confidenceOf)), 3),
          over((clean) => mean(clean.map(confidenceOf)), 3),
          over((_, spoilt) => mean(spoilt.map(confidenceOf)), 3),
        ];
      }),
    ),
  };
}

const l1Of = ({ l1 }: ScanReading) => l1;
const confidenceOf = ({ confidence }: ScanReading) => confidence;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
