import * as tf from "@tensorflow/tfjs-core";
import { type EntropyLossOptions, measureEntropies, type Taps } from "entropy-loss";
import {
  type AnchorGrid,
  buildAnchors,
  type DetectorConfig,
  decodePredictions,
  forwardDetector,
  type NamedArray,
  type Weights,
  weightsFromArrays,
} from "second-detector";
import { collateInputs, networkInput } from "../frames/network-input.js";
import type { VisibleFrame } from "../frames/visible-frame.js";

/** A network whose layers are looked at while it runs. Free its weights with `disposeWeights`. */
export interface ReadNetwork {
  readonly weights: Weights;
  readonly config: DetectorConfig;
  readonly anchors: AnchorGrid;
  /** how its entropies are estimated */
  readonly entropies: EntropyLossOptions;
}

/** @throws RangeError if the weights do not fit the configuration */
export function readNetwork(
  model: ReadonlyMap<string, NamedArray>,
  config: DetectorConfig,
  entropies: EntropyLossOptions = {},
): ReadNetwork {
  return { weights: weightsFromArrays(config, model), config, anchors: buildAnchors(config), entropies };
}

/** What a network says about one scan. */
export interface ScanReading {
  /** of each covered tap, block by block, nats */
  readonly entropies: readonly (readonly number[])[];
  /** mean of each channel over its map, tap by tap: features of the scan as a whole */
  readonly pooled: readonly number[];
  /** mean score of its detections, 0 without any */
  readonly confidence: number;
  /** −Σ log(1 + exp(logit)) over all anchors and classes: the joint energy of Wang and others (2021), each anchor and class a label */
  readonly energy: number;
  /** voxels with points */
  readonly voxels: number;
  /** what it finds */
  readonly found: {
    /** [k, 7] LiDAR frame, metres, radians */
    readonly boxes: readonly number[];
    readonly scores: readonly number[];
    /** index into the configuration's classes */
    readonly labels: readonly number[];
  };
}

/** One pass over a scan. */
export async function readScan(
  frame: Pick<VisibleFrame, "id" | "points" | "view" | "image">,
  { weights, config, anchors, entropies: options }: ReadNetwork,
): Promise<ScanReading> {
  const input = networkInput(frame, config);
  const { head, taps } = forwardDetector(weights, collateInputs([input], config), { config });
  const entropies = measureEntropies(taps, options);
  const pooled = pooledTaps(taps);
  const [cls, box, dir] = await Promise.all([head.cls.data(), head.box.data(), head.dir.data()]);
  tf.dispose([head, taps]);
  const { boxes, scores, labels } = decodePredictions({ cls, box, dir }, anchors, config);
  const confidence = scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length);
  const found = { boxes: [...boxes], scores: [...scores], labels: [...labels] };
  return { entropies, pooled, confidence, energy: jointEnergy(cls), voxels: input.voxels.counts.length, found };
}

/** The mean of each channel of each tap, in order. */
function pooledTaps(taps: Taps): number[] {
  return taps.flat().flatMap((tap) => tf.tidy(() => [...tf.mean(tap, [0, 1, 2]).dataSync()]));
}

function jointEnergy(logits: ArrayLike<number>): number {
  let sum = 0;
  // log(1 + e^x) without overflow
  for (let i = 0; i < logits.length; i++) sum += Math.max(0, logits[i]) + Math.log1p(Math.exp(-Math.abs(logits[i])));
  return -sum;
}
