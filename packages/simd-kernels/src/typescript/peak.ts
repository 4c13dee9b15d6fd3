import type { MultiplyAddChainOptions } from "../operation-options.js";

/** Plain twin of `multiplyAddChain`. */
export function multiplyAddChain(values: Float32Array, { rounds, factor, addend }: MultiplyAddChainOptions): void {
  const [scale, shift] = [Math.fround(factor), Math.fround(addend)];
  for (let i = 0; i < values.length; i++) {
    let value = values[i];
    for (let round = 0; round < rounds; round++) value = Math.fround(value * scale + shift);
    values[i] = value;
  }
}

/** Plain twin of `copy`. */
export function copy(x: Float32Array, out: Float32Array): void {
  out.set(x);
}
