/** The nearest number of 8 significant bits, of two as near the even one; what is below 2⁻¹²⁶ is zero. */
export function nearestBfloat16(x: number): number {
  if (!Number.isFinite(x) || x === 0) return x;
  if (Math.abs(x) < 2 ** -126) return Math.sign(x) * 0;
  let unit = 2 ** -126;
  while (Math.abs(x) >= 2 * unit) unit *= 2;
  const steps = x / (unit * 2 ** -7); // 128 to 255.9…, exact
  const below = Math.floor(steps);
  const rest = steps - below;
  const up = rest > 0.5 || (rest === 0.5 && below % 2 !== 0);
  const nearest = (below + (up ? 1 : 0)) * unit * 2 ** -7;
  return Math.abs(nearest) < 2 ** 128 ? nearest : Math.sign(x) * Number.POSITIVE_INFINITY;
}

const flushed = (x: number): number => (Math.abs(x) < 2 ** -126 ? Math.sign(x) * 0 : x);

/**
 * Σ a·b of rounded numbers as AVX-512-BF16 takes it: two at a time, of each two the second first, each multiply-add rounded once to
 * float32. Of numbers of 8 bits float64 has the exact product, and its sum with a float32 number lies on no half-way point that
 * the exact sum does not lie on.
 */
export function sumOfPairs(a: readonly number[], b: readonly number[]): number {
  const [left, right] = [a, b].map((numbers) => numbers.map(nearestBfloat16));
  let sum = 0;
  const add = (i: number) => {
    if (i < left.length) sum = flushed(Math.fround(sum + left[i] * right[i]));
  };
  for (let i = 0; i < left.length; i += 2) {
    add(i + 1);
    add(i);
  }
  return sum;
}

/**
 * The same by AMX: of 32 numbers at a time the even ones join one sum and the odd ones another, both from 0, each multiply-add
 * rounded once; their sum joins that of the numbers before.
 */
export function sumOfTiles(a: readonly number[], b: readonly number[]): number {
  const [left, right] = [a, b].map((numbers) => numbers.map(nearestBfloat16));
  const rounded = (x: number) => flushed(Math.fround(x));
  let sum = 0;
  for (let first = 0; first < left.length; first += 32) {
    const halves = [0, 0];
    for (let i = first; i < Math.min(first + 32, left.length); i++)
      halves[i % 2] = rounded(halves[i % 2] + left[i] * right[i]);
    sum = rounded(sum + rounded(halves[0] + halves[1]));
  }
  return sum;
}
