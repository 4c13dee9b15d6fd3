import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Calibration, KittiObject } from "../src/index.js";

/** Runs a test in a folder of its own, which goes away afterwards. */
export async function inTemporaryFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "kitti-io-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A pinhole camera of 700 px focal length with its centre at (600, 180), shifted by tx pixels. */
const camera = (tx: number): Float64Array => Float64Array.of(700, 0, 600, tx, 0, 700, 180, 0, 0, 0, 1, 0);

/** Upright camera at the LiDAR's place: camera x, y, z = LiDAR -y, -z, x. */
export const upright: Calibration = {
  p0: camera(0),
  p1: camera(-380),
  p2: camera(0),
  p3: camera(-335),
  r0Rect: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
  veloToCam: Float64Array.of(0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0),
};

/** Rotation matrix [3, 3] by angles about x, y, z. */
export function rotation(ax: number, ay: number, az: number): number[][] {
  const [cx, sx, cy, sy, cz, sz] = [ax, ay, az].flatMap((a) => [Math.cos(a), Math.sin(a)]);
  return [
    [cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx],
    [sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx],
    [-sy, cy * sx, cy * cx],
  ];
}

/** A calibration with any rotations at all, an offset and a camera that is no perfect pinhole. */
export function randomCalibration(rng: () => number, tilt = Math.PI): Calibration {
  const angle = (): number => (rng() * 2 - 1) * tilt;
  const small = rotation(angle() / 30, angle() / 30, angle() / 30);
  const turn = rotation(angle(), angle(), angle());
  const base = [
    [0, -1, 0],
    [0, 0, -1],
    [1, 0, 0],
  ];
  const rows = base.map((row) => [0, 1, 2].map((c) => row[0] * turn[0][c] + row[1] * turn[1][c] + row[2] * turn[2][c]));
  return {
    ...upright,
    p2: Float64Array.of(720, 0.1, 610, 45, 0, 715, 172, -0.3, 0, 0, 1, 0.004),
    r0Rect: Float64Array.from(small.flat()),
    veloToCam: Float64Array.from(rows.flatMap((row) => [...row, rng() - 0.5])),
    imuToVelo: Float64Array.from({ length: 12 }, () => rng()),
  };
}

/** A car 20 m ahead. */
export const car: KittiObject = {
  type: "Car",
  truncated: 0,
  occluded: 0,
  alpha: -1.5,
  bbox: [500, 150, 700, 220],
  dimensions: [1.5, 1.7, 4.2],
  location: [1, 1.6, 20],
  rotationY: -1.45,
};

/** A label file line for {@link car}. */
export const carLine = "Car 0.00 0 -1.50 500.00 150.00 700.00 220.00 1.50 1.70 4.20 1.00 1.60 20.00 -1.45";

/** An object anywhere, any size and turn. */
export function randomObject(rng: () => number): KittiObject {
  const within = (low: number, high: number): number => low + rng() * (high - low);
  return {
    ...car,
    type: ["Car", "Pedestrian", "Cyclist", "Van"][Math.floor(rng() * 4)],
    dimensions: [within(0.01, 4), within(0.01, 3), within(0.01, 12)],
    location: [within(-80, 80), within(-3, 5), within(-80, 120)],
    rotationY: within(-Math.PI, Math.PI),
  };
}

/** The 24 bytes with which a PNG of that size begins. */
export function pngHeader(width: number, height: number): Uint8Array {
  const bytes = new Uint8Array(24);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  return bytes;
}
