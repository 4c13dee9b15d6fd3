import type { Samples } from "./samples.js";

/** Magnitudes between which squares of differences lose nothing: no difference is below 2⁻⁵⁰³ then. */
const SMALLEST = 2 ** -450;
const LARGEST = 2 ** 500;

/**
 * The power of two to multiply samples by so that squares of their differences neither overflow nor vanish: 1 at ordinary
 * scales and for float32 samples. Such a product is exact, so every result has the bits that it would have without limits
 * of range. Magnitudes that span more than some 285 decades cannot be helped: the smallest squares vanish then.
 */
export function binaryUnit({ data }: Samples): number {
  if (data instanceof Float32Array) return 1; // squares from 1e-90 to 1e77
  let largest = 0;
  let smallest = Infinity;
  for (let i = 0; i < data.length; i++) {
    const size = Math.abs(data[i]);
    if (size > largest && size < Infinity) largest = size;
    if (size < smallest && size > 0) smallest = size;
  }
  if (largest === 0 || (largest <= LARGEST && smallest >= SMALLEST)) return 1;
  // the largest becomes about 1, or as large as may be where the smallest needs it
  const wide = smallest / largest < SMALLEST;
  const exponent = (wide ? Math.log2(LARGEST) : 0) - Math.floor(Math.log2(largest));
  return 2 ** Math.min(1000, exponent);
}

/** Samples times a unit of {@link binaryUnit}; the same where that is 1. */
export function inUnit(samples: Samples, unit: number): Samples {
  return unit === 1 ? samples : { ...samples, data: samples.data.map((value) => value * unit) };
}
