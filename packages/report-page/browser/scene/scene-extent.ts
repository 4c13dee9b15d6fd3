import type { UnpackedPoints } from "../../src/unpack-points.js";

/** Where the points of a scan are, without the few that are far from all others. LiDAR frame, metres. */
export interface SceneExtent {
  /** height of the road around the sensor */
  readonly ground: number;
  /** how far from the sensor most points are, on the ground */
  readonly reach: number;
  readonly x: readonly [from: number, to: number];
  readonly y: readonly [from: number, to: number];
  /** points behind the sensor as well as before it */
  readonly allRound: boolean;
  /** what few points exceed */
  readonly intensity: number;
}

/** Points that are looked at. */
const SAMPLES = 5000;
/** Share of the points that may be farther out on each side. */
const OUTSIDE = 0.02;
/** The road is looked for so near, metres. */
const NEAR = 25;
/** Of an empty scan: what KITTI's have. */
const EMPTY: SceneExtent = { ground: -1.73, reach: 50, x: [0, 45], y: [-20, 20], allRound: false, intensity: 0.7 };

export function sceneExtent({ positions, intensities }: UnpackedPoints): SceneExtent {
  const count = intensities.length;
  if (count === 0) return EMPTY;
  const every = Math.max(1, Math.floor(count / SAMPLES));
  const samples = Array.from({ length: Math.floor((count - 1) / every) + 1 }, (_, i) => {
    const at = every * i;
    const [x, y, z] = positions.subarray(3 * at, 3 * at + 3);
    return { x, y, z, distance: Math.hypot(x, y), intensity: intensities[at] };
  });
  const near = samples.filter(({ distance }) => distance < NEAR);
  const quantile = (share: number, of: (sample: (typeof samples)[number]) => number, from = samples) =>
    from.map(of).sort((a, b) => a - b)[Math.round(share * (from.length - 1))];
  const between = (of: (sample: (typeof samples)[number]) => number): [number, number] => [
    quantile(OUTSIDE, of),
    quantile(1 - OUTSIDE, of),
  ];
  return {
    ground: quantile(0.05, ({ z }) => z, near.length > 0 ? near : samples),
    reach: quantile(1 - OUTSIDE, ({ distance }) => distance),
    x: between(({ x }) => x),
    y: between(({ y }) => y),
    allRound: samples.filter(({ x }) => x < -1).length > 0.1 * samples.length,
    intensity: quantile(1 - OUTSIDE, ({ intensity }) => intensity),
  };
}
