import type * as tf from "@tensorflow/tfjs-core";
import type { Rulebook, Triple } from "sparse-conv";

/**
 * One layer of the network, in full:
 *
 *     y = relu(norm(products(x, filter) + bias))      bias, norm and ReLU only where the unit has them
 *
 * Its tensors, their first values, its pass, its folding for inference and its names in public checkpoints follow from this
 * description.
 */
export interface Unit {
  /** Name of its output stage and prefix of its tensors, such as `backbone.block0.1`. */
  readonly name: string;
  readonly kind: UnitKind;
  /** Cells of the filter along z, y, x or y, x; empty for a linear layer, as are stride and padding. */
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  /** Zeros on both sides of each axis. */
  readonly padding: readonly number[];
  readonly inChannels: number;
  readonly outChannels: number;
  /** One number per channel, `first` in the beginning. */
  readonly bias?: { readonly first: number } | undefined;
  /** Batch norm; gamma begins at 1, beta and the running mean at 0, the running variance at 1. */
  readonly norm?: { readonly epsilon: number } | undefined;
  readonly relu: boolean;
  /** Standard deviation of the filter's first values, which are normal. Left out: √(2 / fan-in) (Kaiming). */
  readonly deviation?: number | undefined;
  /**
   * How large each input usually is, where that is far from 1: Kaiming's rule takes inputs of one size, so the first values of an
   * input's row of the filter are divided by it.
   */
  readonly inputSizes?: readonly number[] | undefined;
  /** `filter`: the norm stays as it came, and so do its statistics, which it then always uses. `nothing`: the filter too. */
  readonly trainable: "all" | "filter" | "nothing";
}

/** What the units of one kind have in common: all that the products of inputs and filter decide. */
export interface UnitKind {
  readonly name: string;
  /** The filter's last axis. `out`: [...kernel, in, out]; `in`: [...kernel, out, in]. */
  readonly lastAxis: "out" | "in";
  /** Which axis of a PyTorch filter each of ours is; several ways where published files differ. */
  readonly pytorchAxes: readonly (readonly number[])[];
  /** Inputs that one output sums over. */
  fanIn(unit: Unit): number;
  /** The sums of products, differentiable on every backend. */
  products(x: tf.Tensor, filter: tf.Tensor, place: UnitPlace): tf.Tensor;
  /** Of a sparse kind: the output sites and which input sites they meet. */
  rulebook?(unit: Unit, sites: Sites): Rulebook;
  /** relu(products + bias) in one operation, for inference; left out: by stock operations. */
  folded?(x: tf.Tensor, folded: FoldedUnit, place: UnitPlace): tf.Tensor;
}

/** Sites of a sparse unit's input. */
export interface Sites {
  /** [rows, 4] batch, z, y, x */
  readonly coords: Int32Array;
  /** Cells along z, y, x. */
  readonly shape: Triple;
  readonly batchSize: number;
}

/** A unit and, if it is sparse, what it does not know by itself: which of its sites meet. */
export interface UnitPlace {
  readonly unit: Unit;
  readonly rulebook?: Rulebook | undefined;
}

/** Filter and bias of a unit whose norm is folded in. */
export interface FoldedUnit {
  /** In the layout of the unit's filter. */
  readonly filter: tf.Tensor;
  /** [out] */
  readonly bias: tf.Tensor1D;
}

/** [...kernel, in, out] or [...kernel, out, in] */
export function filterShape({ kind, kernel, inChannels, outChannels }: Unit): number[] {
  return kind.lastAxis === "out" ? [...kernel, inChannels, outChannels] : [...kernel, outChannels, inChannels];
}

/**
 * Cells along each axis after a unit: ⌊(n + 2·padding − kernel)/stride⌋ + 1.
 * @throws RangeError if an axis has no cell left
 */
export function outputCells<T extends readonly number[]>(unit: Unit, cells: T): T {
  const { name, kernel, stride, padding } = unit;
  const after = cells.map((n, axis) => Math.floor((n + 2 * padding[axis] - kernel[axis]) / stride[axis] + 1));
  if (Math.min(...after) < 1) {
    throw new RangeError(`outputCells: expected a grid of at least one cell after ${name}, got [${after}]`);
  }
  return after as unknown as T;
}
