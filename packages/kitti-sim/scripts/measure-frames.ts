import { boxFromObject, type Calibration, cropToCameraView, type ImageSize, type KittiObject } from "kitti-io";

/** What is compared of a frame, real or simulated. */
export interface MeasuredFrame {
  readonly points: Float32Array;
  readonly calibration: Calibration;
  /** undefined: the frame has no picture */
  readonly imageSize?: ImageSize | undefined;
  readonly objects?: readonly KittiObject[] | undefined;
}

/** An object with what the scan has of it. */
export interface MeasuredObject {
  readonly type: string;
  /** metres from the sensor, from above */
  readonly distance: number;
  /** nothing hides it and it is whole in the image */
  readonly clear: boolean;
  /** of the points in its box */
  readonly intensities: readonly number[];
  /** of the points between its sides from 12 cm over its floor on, so none of the road: shares of its height, 0..1, or a little more */
  readonly heights: readonly number[];
}

/** Points of the road, and the errors of labels and ranges, are this far from a box's floor and roof at most, metres. */
const ROAD = 0.12;
const OVER_ROOF = 0.1;
/** Points are looked for this far beside a box, too, for its height alone, metres. */
const BESIDE = 0.05;

export interface Measures {
  readonly frames: number;
  /** for each frame: points in the camera's view, occupied voxels, share of occupied cells of the bird's-eye view */
  readonly points: readonly number[];
  readonly voxels: readonly number[];
  readonly cells: readonly number[];
  readonly objects: readonly MeasuredObject[];
  /** for each histogram of {@link HISTOGRAMS}: mean count a frame in each bin */
  readonly histograms: Readonly<Record<HistogramName, Float64Array>>;
}

/** What histograms are over: the value of a point, first and last edge, width of a bin. */
export const HISTOGRAMS = {
  elevation: { unit: "elevation, degrees", low: -25, high: 4, step: 0.2, of: elevation },
  range: { unit: "distance from above, m", low: 0, high: 80, step: 2, of: (x: number, y: number) => Math.hypot(x, y) },
  height: { unit: "z, m", low: -3, high: 2.4, step: 0.1, of: (_x: number, _y: number, z: number) => z },
  intensity: {
    unit: "reading",
    low: 0,
    high: 1,
    step: 0.04,
    of: (_x: number, _y: number, _z: number, reading: number) => reading,
  },
} as const;

/** One axis of {@link HISTOGRAMS}. */
interface Axis {
  readonly low: number;
  readonly step: number;
  readonly of: (x: number, y: number, z: number, reading: number) => number;
}

export type HistogramName = keyof typeof HISTOGRAMS;

/** SECOND's range and sizes: x, y, z lowest; cells; metres. */
const LOW = [0, -40, -3] as const;
const VOXEL = [0.05, 0.05, 0.1] as const;
const GRID = [1408, 1600, 40] as const;
/** Voxels along a cell of the detector's bird's-eye view. */
const STRIDE = 8;

/** The angle of a point over the horizon, seen from between the two lenses. */
function elevation(x: number, y: number, z: number): number {
  return (Math.atan2(z - 0.16, Math.hypot(x, y)) * 180) / Math.PI;
}

/** Measures frames, one after another. */
export async function measureFrames(frames: Iterable<MeasuredFrame> | AsyncIterable<MeasuredFrame>): Promise<Measures> {
  const [points, voxels, cells]: number[][] = [[], [], []];
  const objects: MeasuredObject[] = [];
  const histograms = Object.fromEntries(
    Object.entries(HISTOGRAMS).map(([name, { low, high, step }]) => [
      name,
      new Float64Array(Math.round((high - low) / step)),
    ]),
  ) as Record<HistogramName, Float64Array>;
  for await (const frame of frames) {
    const { imageSize, objects: labels } = frame;
    if (imageSize === undefined || labels === undefined) {
      throw new Error("measureFrames: expected a picture and labels with each frame, got a frame without");
    }
    const seen = cropToCameraView(frame.points, frame.calibration, imageSize);
    points.push(seen.length / 4);
    const occupied = countOccupied(seen);
    voxels.push(occupied.voxels);
    cells.push(occupied.cells);
    objects.push(...measureObjects({ ...frame, objects: labels }));
    for (const name of Object.keys(HISTOGRAMS) as HistogramName[]) addTo(histograms[name], seen, name);
  }
  for (const counts of Object.values(histograms)) for (let i = 0; i < counts.length; i++) counts[i] /= points.length;
  return { frames: points.length, points, voxels, cells, objects, histograms };
}

function addTo(counts: Float64Array, points: Float32Array, name: HistogramName): void {
  const { low, step, of }: Axis = HISTOGRAMS[name];
  for (let at = 0; at < points.length; at += 4) {
    const bin = Math.floor((of(points[at], points[at + 1], points[at + 2], points[at + 3]) - low) / step);
    if (bin >= 0 && bin < counts.length) counts[bin] += 1;
  }
}

function countOccupied(points: Float32Array): { voxels: number; cells: number } {
  const voxels = new Set<number>();
  const cells = new Set<number>();
  for (let at = 0; at < points.length; at += 4) {
    const [x, y, z] = LOW.map((low, k) => Math.floor((points[at + k] - low) / VOXEL[k]));
    if (x < 0 || y < 0 || z < 0 || x >= GRID[0] || y >= GRID[1] || z >= GRID[2]) continue;
    voxels.add((z * GRID[1] + y) * GRID[0] + x);
    cells.add(Math.floor(y / STRIDE) * GRID[0] + Math.floor(x / STRIDE));
  }
  return { voxels: voxels.size, cells: cells.size / ((GRID[0] / STRIDE) * (GRID[1] / STRIDE)) };
}

function measureObjects({
  points,
  calibration,
  objects,
}: MeasuredFrame & { readonly objects: readonly KittiObject[] }): MeasuredObject[] {
  return objects
    .filter(({ type }) => type !== "DontCare")
    .map((object) => {
      const [x, y, z, dx, dy, dz, yaw] = boxFromObject(object, calibration);
      const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
      const intensities: number[] = [];
      const heights: number[] = [];
      for (let at = 0; at < points.length; at += 4) {
        const [px, py, pz] = [points[at] - x, points[at + 1] - y, points[at + 2] - z];
        const beside = Math.max(Math.abs(cos * px + sin * py) - dx / 2, Math.abs(cos * py - sin * px) - dy / 2);
        if (beside <= 0 && Math.abs(pz) <= dz / 2) intensities.push(points[at + 3]);
        const height = pz + dz / 2;
        if (beside <= BESIDE && height > ROAD && height < dz + OVER_ROOF) heights.push(height / dz);
      }
      const clear = object.occluded === 0 && object.truncated < 0.05;
      return { type: object.type, distance: Math.hypot(x, y), clear, intensities, heights };
    });
}

/** Quartiles (or other shares) of numbers, the lower of two in between; NaN of none. */
export function quantiles(values: readonly number[], shares: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return shares.map((share) => (sorted.length === 0 ? Number.NaN : sorted[Math.floor(share * (sorted.length - 1))]));
}
