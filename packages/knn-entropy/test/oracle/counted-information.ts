/** Samples of one variable as points. */
type Points = readonly (readonly number[])[];

const far = (a: readonly number[], b: readonly number[]) => Math.max(...a.map((value, d) => Math.abs(value - b[d])));

/** ψ(n) for a positive integer: −γ + 1 + 1/2 + … + 1/(n − 1). */
function psi(n: number): number {
  let sum = -0.5772156649015329;
  for (let i = 1; i < n; i++) sum += 1 / i;
  return sum;
}

/** Joins variables point by point. */
const together = (...variables: readonly Points[]): Points =>
  variables[0].map((_, i) => variables.flatMap((v) => v[i]));

/** Distance of each point to its k-th other one. */
const kthDistance = (points: Points, k: number): number[] =>
  points.map((a, i) => points.flatMap((b, j) => (j === i ? [] : [far(a, b)])).sort((p, q) => p - q)[k - 1]);

/** Others strictly within a radius of each point. */
const nearer = (points: Points, radii: readonly number[]): number[] =>
  points.map((a, i) => points.filter((b, j) => j !== i && far(a, b) < radii[i]).length);

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Kraskov's first estimator, straight from its equation. */
export function ksgByLoops(x: Points, y: Points, k: number): number {
  const radii = kthDistance(together(x, y), k);
  const [nx, ny] = [nearer(x, radii), nearer(y, radii)];
  return psi(k) + psi(x.length) - mean(nx.map((n, i) => psi(n + 1) + psi(ny[i] + 1)));
}

/** Frenzel and Pompe's estimator, straight from its equation. */
export function conditionalByLoops(x: Points, y: Points, z: Points, k: number): number {
  const radii = kthDistance(together(x, y, z), k);
  const [nz, nxz, nyz] = [z, together(x, z), together(y, z)].map((points) => nearer(points, radii));
  return psi(k) + mean(nz.map((n, i) => psi(n + 1) - psi(nxz[i] + 1) - psi(nyz[i] + 1)));
}
