import * as tf from "@tensorflow/tfjs-core";
import { type Rulebook, type SparseTensor3D, toBev } from "sparse-conv";
import type { CameraBatch } from "../camera/collate-cameras.js";
import type { DetectorConfig } from "../config/detector-config.js";
import { checkBatch, type DetectorBatch } from "../detector-batch.js";
import type { NamedArray } from "../named-array.js";
import { type DetectorLayers, detectorLayers } from "../network/detector-layers.js";
import { encodeSites, type UnitRunner } from "../network/encode-batch.js";
import { forwardDense, type HeadOutputs } from "../network/forward-detector.js";
import type { FoldedUnit, Unit } from "../network/unit.js";
import type { Weights } from "../network/unit-tensors.js";
import { disposeWeights, weightsFromArrays } from "../weights.js";
import { convolveSites, suitsSites } from "./convolve-sites.js";
import { foldBatchNorm } from "./fold-batch-norm.js";
import { type Heads, type LevelHeads, levelHeads } from "./level-heads.js";
import { joinHeads, neckMatrix } from "./level-matrices.js";

/** One block of the backbone and what follows it. */
interface Level extends LevelHeads {
  readonly units: readonly Unit[];
}

/**
 * A detector for inference alone: batch norm folded into the convolutions, bias and ReLU fused with them, no tape, no
 * taps; each activation is freed as soon as the next layer has read it. Computes what `forwardDetector` computes in
 * evaluation mode, but for rounding.
 *
 * The neck is not joined: a 1×1 convolution of joined maps is the sum of those of each map, and a head that looks at one
 * pixel may run before the pixels of a patch take their places. So a level is two products of matrices, of which the first is never
 * written down where the backend has `PatchHeads`.
 *
 * With a camera branch only the encoder is folded; what follows is the pass of `forwardDense`.
 *
 * The weights are copied: later changes to `arrays` or to the weights they came from do not show. Free it with `dispose`.
 */
export class InferenceNetwork {
  readonly #layers: DetectorLayers;
  /** filter and bias of every unit of the encoder and, without a camera, the backbone */
  readonly #folded: ReadonlyMap<Unit, FoldedUnit>;
  readonly #levels: readonly Level[];
  /** class, box and direction */
  readonly #heads: Heads;
  /** what follows the encoder of a configuration with a camera, in place of the levels */
  readonly #fused: { readonly weights: Weights; readonly config: DetectorConfig } | undefined;

  /**
   * @param arrays what `weightsToArrays` gives, or the model of a checkpoint
   * @throws RangeError as {@link foldBatchNorm}
   */
  constructor(arrays: ReadonlyMap<string, NamedArray>, config: DetectorConfig) {
    const layers = detectorLayers(config);
    const folded = foldBatchNorm(arrays, config);
    const units = [...layers.encoder.layers, ...(config.camera ? [] : layers.backbone.flat())];
    this.#layers = layers;
    this.#folded = new Map(
      units.map((unit) => [
        unit,
        { filter: tensorOf(folded.get(`${unit.name}.weight`)!), bias: tensorOf(folded.get(`${unit.name}.bias`)!) },
      ]),
    );
    this.#fused = config.camera && { weights: weightsFromArrays(config, arrays), config };
    this.#levels = config.camera ? [] : buildLevels(layers, folded);
    const { cls, box, dir } = layers.head;
    const biases = [cls, box, dir].flatMap(({ name }) => [...folded.get(`${name}.bias`)!.data]);
    this.#heads = {
      bias: tensorOf({ shape: [biases.length], data: Float32Array.from(biases) }),
      widths: [cls, box, dir].map(({ outChannels }) => outChannels),
    };
  }

  /**
   * The head's outputs for a batch: what {@link encode}, then {@link detect} give, but for rounding. PointPillars' map is empty but
   * for a few per cent, so its first convolution is computed at the pillars, without the map.
   * @returns tensors of the caller
   * @throws RangeError if the batch was prepared for another configuration
   */
  run(batch: DetectorBatch): HeadOutputs {
    return tf.tidy(() => {
      const sites = this.#encodeSites(batch);
      const first = this.#levels[0]?.units[0];
      if (first === undefined || !suitsSites(first, this.#layers.encoder))
        return this.detect(toBev(sites), batch.camera);
      return this.#detectFrom(convolveSites(sites, first, this.#folded.get(first)!), 1);
    });
  }

  /**
   * The encoder.
   * @returns [b, y, x, c·D + d] the bird's-eye-view map, zero where no site is; the caller's
   * @throws RangeError if the batch was prepared for another configuration
   */
  encode(batch: DetectorBatch): tf.Tensor4D {
    return tf.tidy(() => toBev(this.#encodeSites(batch)));
  }

  #encodeSites(batch: DetectorBatch): SparseTensor3D {
    const { encoder } = this.#layers;
    checkBatch("InferenceNetwork.encode", encoder, batch);
    // Each activation is freed as soon as the next unit has read it.
    const run: UnitRunner["run"] = (unit, x, rulebook) => {
      const y = this.#run(unit, x, rulebook);
      x.dispose();
      return y;
    };
    return encodeSites(encoder, batch, {
      run,
      runPadded: (unit, x) => ({ points: run(unit, x), empty: tf.relu(this.#folded.get(unit)!.bias) }),
    });
  }

  /** relu(products + bias) */
  #run<T extends tf.Tensor>(unit: Unit, x: T, rulebook?: Rulebook): T {
    const folded = this.#folded.get(unit)!;
    const place = { unit, rulebook };
    const fused = unit.kind.folded?.(x, folded, place);
    return (fused ?? tf.tidy(() => tf.relu(tf.add(unit.kind.products(x, folded.filter, place), folded.bias)))) as T;
  }

  /**
   * Backbone, neck, camera branch and head.
   * @param bev    [b, y, x, c] what {@link encode} returned; it stays the caller's
   * @param camera of the batch; needed where the configuration has a camera
   * @returns tensors of the caller
   * @throws RangeError if the neck brings the levels to maps of different sizes, or images are missing
   */
  detect(bev: tf.Tensor4D, camera?: CameraBatch): HeadOutputs {
    const fused = this.#fused;
    if (fused) return tf.tidy(() => forwardDense(fused.weights, bev, { config: fused.config, camera }).head);
    return this.#detectFrom(bev, 0);
  }

  /** @param map what unit `first` of the first level takes; it stays the caller's */
  #detectFrom(map: tf.Tensor4D, first: number): HeadOutputs {
    return tf.tidy(() => {
      let x = map;
      const maps = this.#levels.map(({ units }, i) => {
        const last = x; // of the level before, whose heads are still to read it
        for (const unit of i === 0 ? units.slice(first) : units) {
          const y = this.#run(unit, x);
          if (x !== last) x.dispose();
          x = y;
        }
        return x;
      });
      const [cls, box, dir] = levelHeads(maps, this.#levels, this.#heads);
      return { cls, box, dir };
    });
  }

  /** Frees every tensor. */
  dispose(): void {
    for (const { filter, bias } of this.#folded.values()) tf.dispose([filter, bias]);
    for (const { neck, neckBias, head } of this.#levels) tf.dispose([neck, neckBias, head]);
    this.#heads.bias.dispose();
    if (this.#fused) disposeWeights(this.#fused.weights);
  }
}

function buildLevels({ backbone, neck, head }: DetectorLayers, folded: ReadonlyMap<string, NamedArray>): Level[] {
  const heads = Object.values(head).map(({ name }) => folded.get(`${name}.weight`)!);
  let first = 0;
  return backbone.map((units, i) => {
    const {
      name,
      kernel: [side],
      outChannels,
    } = neck[i];
    const patch = neckMatrix(folded.get(`${name}.weight`)!, folded.get(`${name}.bias`)!);
    const share = joinHeads(heads, first, outChannels);
    first += outChannels;
    return {
      units,
      side,
      neck: tensorOf<tf.Tensor2D>(patch.matrix),
      neckBias: tensorOf<tf.Tensor1D>(patch.bias),
      head: tensorOf<tf.Tensor2D>(share),
    };
  });
}

/** A tensor that outlives every `tf.tidy`. */
function tensorOf<T extends tf.Tensor>({ shape, data }: NamedArray): T {
  return tf.keep(tf.tensor(data, [...shape], "float32")) as T;
}
