import type * as tf from "@tensorflow/tfjs-core";
import { filterShape, type Unit } from "./unit.js";

/**
 * The state of a detector, by name. A unit has `<unit>.weight` and, as the case may be, `<unit>.bias` or `<unit>.bn.gamma`
 * and `<unit>.bn.beta`.
 *
 * Layouts: sparse [kz, ky, kx, in, out]; linear [in, out]; convolution [kh, kw, in, out]; transposed [kh, kw, out, in].
 */
export interface Weights {
  /** What the optimiser moves. */
  readonly trainable: ReadonlyMap<string, tf.Variable>;
  /** What stays as it came, without gradient, step or decay: parts of a camera branch's ResNet. */
  readonly frozen: ReadonlyMap<string, tf.Variable>;
  /** Running statistics of batch norm, `<unit>.bn.mean` and `<unit>.bn.var` (unbiased); never in a gradient. */
  readonly running: ReadonlyMap<string, tf.Variable>;
}

/** One tensor of a unit. */
export interface UnitTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: keyof Weights;
  /**
   * Its first values: all the same, or normal numbers around zero; those of input i, the last axis but one, over the i-th of
   * `inputSizes` where there are any.
   */
  readonly first:
    | { readonly all: number }
    | { readonly deviation: number; readonly inputSizes?: readonly number[] | undefined };
}

/** Every tensor of a unit, its filter first. */
export function unitTensors(unit: Unit): UnitTensor[] {
  const { name, bias, norm, trainable, outChannels, inputSizes } = unit;
  const filter = trainable === "nothing" ? "frozen" : "trainable";
  const affine = trainable === "all" ? "trainable" : "frozen";
  const deviation = unit.deviation ?? Math.sqrt(2 / unit.kind.fanIn(unit));
  const perChannel = (part: string, role: keyof Weights, all: number): UnitTensor => ({
    name: `${name}.${part}`,
    shape: [outChannels],
    role,
    first: { all },
  });
  return [
    { name: `${name}.weight`, shape: filterShape(unit), role: filter, first: { deviation, inputSizes } },
    ...(bias ? [perChannel("bias", affine, bias.first)] : []),
    ...(norm
      ? [
          perChannel("bn.gamma", affine, 1),
          perChannel("bn.beta", affine, 0),
          perChannel("bn.mean", "running", 0),
          perChannel("bn.var", "running", 1),
        ]
      : []),
  ];
}

/** @param rng uniform numbers in [0, 1); two for every two values that are normal, none for the others */
export function firstValues({ shape, first }: UnitTensor, rng: () => number): Float32Array {
  const values = new Float32Array(shape.reduce((size, n) => size * n, 1));
  if ("all" in first) return values.fill(first.all);
  for (let i = 0; i < values.length; i += 2) {
    // Box–Muller: two uniform numbers make two normal ones; 1 − rng() keeps the logarithm finite.
    const radius = first.deviation * Math.sqrt(-2 * Math.log(1 - rng()));
    const angle = 2 * Math.PI * rng();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < values.length) values[i + 1] = radius * Math.sin(angle);
  }
  const { inputSizes } = first;
  if (inputSizes === undefined) return values;
  const outputs = shape[shape.length - 1];
  return values.map((value, i) => value / inputSizes[Math.floor(i / outputs) % inputSizes.length]);
}
