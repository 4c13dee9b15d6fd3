import * as tf from "@tensorflow/tfjs-core";
import { measureEntropies } from "entropy-loss";
import {
  type DetectorConfig,
  disposeWeights,
  forwardDetector,
  type NamedArray,
  weightsFromArrays,
} from "second-detector";
import type { DataSource } from "../frames/data-source.js";
import { collateInputs, networkInput } from "../frames/network-input.js";
import { readVisibleFrame } from "../frames/visible-frame.js";
import { makeDetector } from "../inference/open-detector.js";
import { randomStream } from "../system/random.js";
import { letSignalsIn } from "../system/stop-signal.js";
import type { Activations } from "./agreement.js";
import { type ActivityMap, type DeletionFigures, deletionFigures } from "./deletion.js";
import { type MapFigures, MapStudy } from "./map-figures.js";

/** Frames of those read in which cells are deleted: each takes as many passes as 16 others. */
const DELETION_FRAMES = 8;
/** Places of each frame whose activations are kept for a comparison of networks. */
const PLACES = 128;

/** One layer of a checkpoint. */
export interface ReadTap {
  readonly block: number;
  readonly tap: number;
  /** mean of its entropy over the frames, nats */
  readonly entropy: number;
  readonly figures: MapFigures;
  /** on the same places for every network with maps of this size */
  readonly activations: Activations;
}

/** A checkpoint as it can be read. */
export interface ReadModel {
  readonly taps: readonly ReadTap[];
  /** of the last layer of the first block, mean over frames; undefined if nothing sure was found in them */
  readonly deletion: DeletionFigures | undefined;
}

/** Frames that are read, and what ends it. */
export interface ReadingJob {
  readonly data: DataSource;
  readonly frames: readonly string[];
  readonly signal: AbortSignal;
  readonly onFrame: () => void;
}

/**
 * How the layers of a checkpoint can be read: a pass over each frame.
 * @returns undefined if it was asked to end
 */
export async function readCheckpoint(
  model: ReadonlyMap<string, NamedArray>,
  config: DetectorConfig,
  { data, frames, signal, onFrame }: ReadingJob,
): Promise<ReadModel | undefined> {
  const weights = weightsFromArrays(config, model);
  const detector = makeDetector(model, config);
  const taps: TapStudy[] = [];
  const deletions: DeletionFigures[] = [];
  try {
    for (const [number, id] of frames.entries()) {
      await letSignalsIn();
      if (signal.aborted) return undefined;
      const frame = await readVisibleFrame(data, id, config);
      const batch = collateInputs([networkInput(frame, config)], config);
      const { taps: maps, head } = forwardDetector(weights, batch, { config });
      const entropies = measureEntropies(maps);
      maps
        .flatMap((block, b) => block.map((map, t) => ({ map, b, t })))
        .forEach(({ map, b, t }, i) => {
          taps[i] ??= new TapStudy(b, t, map.shape[3]);
          taps[i].add(map, entropies[b][t], id);
        });
      const activity = activityOf(maps[0][maps[0].length - 1]);
      tf.dispose([maps, head]);
      const deleted = number < DELETION_FRAMES ? await deletionFigures(detector, frame, activity) : undefined;
      if (deleted !== undefined) deletions.push(deleted);
      onFrame();
    }
  } finally {
    disposeWeights(weights);
    detector.network.dispose();
  }
  return { taps: taps.map((tap) => tap.result()), deletion: meanFigures(deletions) };
}

/** The mean of a map's channels. */
function activityOf(map: tf.Tensor4D): ActivityMap {
  const [, height, width] = map.shape;
  return { values: tf.tidy(() => tf.mean(map, 3).dataSync() as Float32Array), height, width };
}

function meanFigures(all: readonly DeletionFigures[]): DeletionFigures | undefined {
  if (all.length === 0) return undefined;
  const mean = (of: (figures: DeletionFigures) => number) => all.reduce((sum, each) => sum + of(each), 0) / all.length;
  return { deletion: mean(({ deletion }) => deletion), insertion: mean(({ insertion }) => insertion) };
}

/** A layer's figures and activations as its maps come. */
class TapStudy {
  readonly #study: MapStudy;
  readonly #rows: Float32Array[] = [];
  #entropy = 0;

  constructor(
    readonly block: number,
    readonly tap: number,
    readonly channels: number,
  ) {
    this.#study = new MapStudy(channels);
  }

  add(map: tf.Tensor4D, entropy: number, id: string): void {
    const [, height, width, channels] = map.shape;
    const values = map.dataSync();
    const products = tf.tidy(() => {
      const rows = tf.reshape(map, [height * width, channels]);
      return tf.matMul(rows, rows, true, false).dataSync();
    });
    this.#study.add(values, [height, width], products);
    const rng = randomStream(0, `places of frame ${id}`);
    const kept = new Float32Array(PLACES * channels);
    for (let row = 0; row < PLACES; row++) {
      const cell = Math.floor(rng() * height * width);
      kept.set(values.subarray(cell * channels, (cell + 1) * channels), row * channels);
    }
    this.#rows.push(kept);
    this.#entropy += entropy;
  }

  result(): ReadTap {
    const { block, tap, channels } = this;
    const values = new Float32Array(this.#rows.length * PLACES * channels);
    this.#rows.forEach((rows, i) => {
      values.set(rows, i * PLACES * channels);
    });
    const figures = this.#study.figures();
    return { block, tap, entropy: this.#entropy / this.#rows.length, figures, activations: { values, channels } };
  }
}
