/** Numbers per point: x, y, z, intensity. */
const STRIDE = 4;

/** A way to spoil a scan. */
export interface NoiseProtocol {
  readonly name: string;
  readonly description: string;
  /** @param points [n, 4] x, y, z in metres (LiDAR frame), intensity; not changed. @returns the noisy scan */
  apply(points: Float32Array, rng: () => number): Float32Array;
}

/** The protocols of the papers' code, test scans only, before the range filter. */
export const noiseProtocols: readonly NoiseProtocol[] = [
  { name: "clean", description: "as it is", apply: (points) => points },
  {
    name: "gauss",
    description: "a standard normal number added to x, y, z (metres) and intensity of every point",
    apply: (points, rng) => gaussNoise(points, { share: 1, rng }),
  },
  {
    name: "gauss 30 %",
    description: "the same for 30 % of the points",
    apply: (points, rng) => gaussNoise(points, { share: 0.3, rng }),
  },
  {
    name: "mixture",
    description:
      "x, y, z moved by 2 cm (standard deviation, at most 8 cm); 3 % of the points removed, 3 % added anywhere in the scan's " +
      "bounding box with intensity 0",
    apply: sensorMixture,
  },
];

function gaussNoise(points: Float32Array, { share, rng }: { share: number; rng: () => number }): Float32Array {
  const noisy = points.slice();
  for (let i = 0; i < noisy.length; i += STRIDE) {
    if (share < 1 && rng() >= share) continue;
    for (let c = 0; c < STRIDE; c++) noisy[i + c] += normal(rng);
  }
  return noisy;
}

const JITTER = 0.02;
const MOST_JITTER = 0.08;
const SALT = 0.03;
const PEPPER = 0.03;

function sensorMixture(points: Float32Array, rng: () => number): Float32Array {
  const kept: number[] = [];
  for (let i = 0; i < points.length; i += STRIDE) {
    if (rng() < PEPPER) continue;
    for (let c = 0; c < 3; c++) {
      kept.push(points[i + c] + Math.max(-MOST_JITTER, Math.min(MOST_JITTER, JITTER * normal(rng))));
    }
    kept.push(points[i + 3]);
  }
  const [low, high] = boundingBox(points);
  const added = Math.round((SALT * points.length) / STRIDE);
  for (let n = 0; n < added; n++) {
    for (let c = 0; c < 3; c++) kept.push(low[c] + rng() * (high[c] - low[c]));
    kept.push(0);
  }
  return Float32Array.from(kept);
}

function boundingBox(points: Float32Array): [low: number[], high: number[]] {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < points.length; i += STRIDE) {
    for (let c = 0; c < 3; c++) {
      low[c] = Math.min(low[c], points[i + c]);
      high[c] = Math.max(high[c], points[i + c]);
    }
  }
  return [low, high];
}

/** Box–Muller; 1 − rng() keeps the logarithm finite. */
function normal(rng: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng());
}
