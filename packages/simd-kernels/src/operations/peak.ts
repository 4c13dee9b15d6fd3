import { count, index, type OperationTable, reads, real, updates, writes } from "./operation.js";
import { type PrecisionOption, precisionOf, precisionSize, roundedToBfloat16 } from "./precision.js";

/** Form of a chain of multiply-adds. */
export interface MultiplyAddChainOptions extends PrecisionOption {
  /** multiply-adds per value */
  readonly rounds: number;
  readonly factor: number;
  readonly addend: number;
}

/** What the machine can do at most. */
export interface PeakOperations {
  /**
   * `values[i] = values[i]·factor + addend`, `rounds` times over, in place. Values stay in registers meanwhile, so with
   * some thousand rounds its 2·rounds·length operations run at the machine's peak: what benchmarks compare with. Give
   * every thread some 1000 values. In `bfloat16` a round is two multiply-adds: `values[i] += factor·addend`, twice, with both
   * rounded.
   */
  multiplyAddChain(values: Float32Array, options: MultiplyAddChainOptions): void;

  /** `out[i] = x[i]`, past the caches where the machine can: on long arrays its bandwidth, which benchmarks compare with. */
  copy(x: Float32Array, out: Float32Array): void;
}

export const peakOperations: OperationTable<PeakOperations> = {
  multiplyAddChain: {
    arrays: { values: updates("float32") },
    sizes: { length: count, rounds: index(), factor: real, addend: real, precision: precisionSize },
    arraysOf: (values) => [values],
    sizesOf: (values, options) => [values.length, options.rounds, options.factor, options.addend, precisionOf(options)],
    shapesOf: () => [null],
    plain(values, options) {
      const { rounds, factor, addend } = options;
      if (precisionOf(options) === "bfloat16") return addProductChain(values, rounds, factor, addend);
      const [scale, shift] = [Math.fround(factor), Math.fround(addend)];
      for (let i = 0; i < values.length; i++) {
        let value = values[i];
        for (let round = 0; round < rounds; round++) value = Math.fround(value * scale + shift);
        values[i] = value;
      }
    },
  },

  copy: {
    arrays: { x: reads("float32"), out: writes("float32") },
    sizes: { length: count },
    arraysOf: (x, out) => [x, out],
    sizesOf: (x) => [x.length],
    shapesOf: (x) => [null, [x.length]],
    plain: (x, out) => out.set(x),
  },
};

/** `values[i] += factor·addend`, twice for each of `rounds`. */
function addProductChain(values: Float32Array, rounds: number, factor: number, addend: number): void {
  const [scale, shift] = roundedToBfloat16(Float32Array.of(factor, addend));
  for (let i = 0; i < values.length; i++) {
    let value = values[i];
    for (let product = 0; product < 2 * rounds; product++) value = Math.fround(value + scale * shift);
    values[i] = value;
  }
}
