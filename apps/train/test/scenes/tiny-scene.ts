import type { Calibration } from "kitti-io";
import { normal } from "test-support/random";
import { randomStream } from "../../src/system/random.js";

/**
 * Tiny scenes for tests, made in a moment: flat ground, walls and cuboid cars seen by an ideal 64-beam scanner. For streets
 * worth training on there is kitti-sim.
 */
export interface TinyScene {
  readonly id: string;
  /** [n,4] x, y, z, intensity; LiDAR frame, metres */
  readonly points: Float32Array;
  /** [x, y, z, dx, dy, dz, yaw] of every car */
  readonly cars: readonly Cuboid[];
}

export type Cuboid = readonly [x: number, y: number, z: number, dx: number, dy: number, dz: number, yaw: number];

const GROUND = -1.73; // the scanner stands 1.73 m above the road
const BEAMS = 64;
const ELEVATION_TOP = 2 * (Math.PI / 180);
const ELEVATION_BOTTOM = -24.8 * (Math.PI / 180);
const AZIMUTH_STEP = 0.16 * (Math.PI / 180);
const AZIMUTH_LIMIT = 40 * (Math.PI / 180); // the camera's field of view
const RANGE_NOISE = 0.01; // metres, standard deviation

/** Scenes 000000 …, the same for the same seed. */
export function makeTinyScenes(count: number, seed: number): TinyScene[] {
  return Array.from({ length: count }, (_, index) => {
    const rng = randomStream(seed, `tiny scene ${index}`);
    const cars = placeCars(rng);
    return { id: String(index).padStart(6, "0"), points: scanScene(cars, rng), cars };
  });
}

/** A camera looking forward, 1242 x 375 pixels, at the scanner's own place: x right = -y, y down = -z, z = x. */
export function tinyCalibration(): Calibration {
  const projection = Float64Array.of(720, 0, 621, 0, 0, 720, 187.5, 0, 0, 0, 1, 0);
  return {
    p0: projection,
    p1: projection,
    p2: projection,
    p3: projection,
    r0Rect: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
    veloToCam: Float64Array.of(0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0),
    imuToVelo: Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0),
  };
}

/** Eight cars in two lanes of four, each with its own length, offset and direction of travel. */
function placeCars(rng: () => number): Cuboid[] {
  const cars: Cuboid[] = [];
  for (let slot = 0; slot < 8; slot += 1) {
    const lane = slot % 2 === 0 ? -1 : 1;
    const length = 3.6 + 0.8 * rng();
    const height = 1.45 + 0.2 * rng();
    const x = 8 + 7.5 * Math.floor(slot / 2) + 2 * rng();
    const y = lane * (2.2 + 0.16 * x * rng());
    const yaw = (lane < 0 ? 0 : Math.PI) + 0.2 * (rng() - 0.5);
    cars.push([
      x,
      y,
      GROUND + height / 2,
      length,
      1.55 + 0.15 * rng(),
      height,
      yaw > Math.PI ? yaw - 2 * Math.PI : yaw,
    ]);
  }
  return cars;
}

function scanScene(cars: readonly Cuboid[], rng: () => number): Float32Array {
  const walls: Cuboid[] = [
    [20, 14, GROUND + 2, 44, 1, 4, 0],
    [20, -14, GROUND + 2, 44, 1, 4, 0],
  ];
  const solids = [...cars, ...walls];
  const points: number[] = [];
  for (let beam = 0; beam < BEAMS; beam += 1) {
    const elevation = ELEVATION_TOP + ((ELEVATION_BOTTOM - ELEVATION_TOP) * beam) / (BEAMS - 1);
    for (let azimuth = -AZIMUTH_LIMIT; azimuth <= AZIMUTH_LIMIT; azimuth += AZIMUTH_STEP) {
      const direction = [
        Math.cos(elevation) * Math.cos(azimuth),
        Math.cos(elevation) * Math.sin(azimuth),
        Math.sin(elevation),
      ] as const;
      let distance = direction[2] < 0 ? GROUND / direction[2] : Number.POSITIVE_INFINITY;
      let intensity = 0.2;
      for (const solid of solids) {
        const hit = distanceToCuboid(direction, solid);
        if (hit < distance) {
          distance = hit;
          intensity = 0.5;
        }
      }
      if (distance > 80) continue;
      const measured = distance + RANGE_NOISE * normal(rng);
      points.push(direction[0] * measured, direction[1] * measured, direction[2] * measured, intensity);
    }
  }
  return Float32Array.from(points);
}

/** Distance from the origin along a unit direction to a cuboid (the slab test in the cuboid's own frame). */
function distanceToCuboid(direction: readonly [number, number, number], box: Cuboid): number {
  const [x, y, z, dx, dy, dz, yaw] = box;
  const cos = Math.cos(yaw);
  const sin = Math.sin(yaw);
  const origin = [-x * cos - y * sin, x * sin - y * cos, -z];
  const ray = [direction[0] * cos + direction[1] * sin, -direction[0] * sin + direction[1] * cos, direction[2]];
  const half = [dx / 2, dy / 2, dz / 2];
  let near = 0;
  let far = Number.POSITIVE_INFINITY;
  for (let axis = 0; axis < 3; axis += 1) {
    const toLow = (-half[axis]! - origin[axis]!) / ray[axis]!;
    const toHigh = (half[axis]! - origin[axis]!) / ray[axis]!;
    near = Math.max(near, Math.min(toLow, toHigh));
    far = Math.min(far, Math.max(toLow, toHigh));
  }
  return near <= far && near > 0 ? near : Number.POSITIVE_INFINITY;
}
