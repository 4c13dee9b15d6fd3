/** Gradient of a scalar function by central differences; every `stride`-th entry, NaN elsewhere. */
export function centralDifferences(
  f: (x: Float64Array) => number,
  x: Float64Array,
  { step = 1e-6, stride = 1 } = {},
): Float64Array {
  return x.map((value, i) => {
    if (i % stride !== 0) return Number.NaN;
    const at = (moved: number) => f(x.map((other, j) => (j === i ? moved : other)));
    return (at(value + step) - at(value - step)) / (2 * step);
  });
}
