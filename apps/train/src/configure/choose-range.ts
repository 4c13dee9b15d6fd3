import type { DetectorConfig } from "second-detector";
import { quantile, rounded } from "./quantile.js";
import type { SurveyedObject } from "./survey.js";

/** Where a detector looks, and in what steps. */
export type Grid = Pick<DetectorConfig, "pointRange" | "voxelSize">;

/** Metres from the scanner that a proposed range reaches at most. */
export const FARTHEST = 76.8;
/** Metres beneath the lowest object and above the highest. */
const AIR = 0.2;
/** Voxels are higher by steps of so many metres. */
const HEIGHT_STEP = 0.05;

/**
 * The range that holds nearly all objects: on the ground it ends where cells of the coarsest map end, in height it has as many
 * voxels as the base, which are higher where the objects ask for it. The network stays that of the base.
 */
export function chooseGrid(objects: readonly SurveyedObject[], base: DetectorConfig): Grid {
  const [x0, x1] = extentOf(objects, 0, base);
  const [y0, y1] = extentOf(objects, 1, base);
  const levels = Math.round((base.pointRange[5] - base.pointRange[2]) / base.voxelSize[2]);
  const low =
    quantile(
      objects.map(({ box }) => box[2] - box[5] / 2),
      0.01,
    ) - AIR;
  const high =
    quantile(
      objects.map(({ box }) => box[2] + box[5] / 2),
      0.99,
    ) + AIR;
  const needed = HEIGHT_STEP * Math.ceil((high - low) / levels / HEIGHT_STEP - 1e-9);
  const level = rounded(Math.max(base.voxelSize[2], needed));
  const z0 = rounded(Math.min(low, (low + high - levels * level) / 2), 1);
  return {
    pointRange: [x0, y0, z0, x1, y1, rounded(z0 + levels * level)],
    voxelSize: [base.voxelSize[0], base.voxelSize[1], level],
  };
}

/** From and to along an axis of the ground. */
function extentOf(objects: readonly SurveyedObject[], axis: 0 | 1, base: DetectorConfig): [number, number] {
  const step = coarsestCell(base) * base.voxelSize[axis];
  const places = objects.map(({ box }) => box[axis]);
  const margin =
    quantile(
      objects.map(({ box }) => box[3]),
      0.98,
    ) / 2;
  const least = Math.min(FARTHEST, Math.max(-FARTHEST, quantile(places, 0.01) - margin));
  const most = Math.min(FARTHEST, quantile(places, 0.99) + margin);
  const from = Math.floor(least / step);
  const cells = Math.max(2, Math.ceil(most / step) - from);
  return [rounded(from * step), rounded((from + cells) * step)];
}

/** Voxels along a side of the largest cell that the network's maps have. */
function coarsestCell({ encoder, backbone }: DetectorConfig): number {
  const halvings = encoder.kind === "sparse" ? encoder.channels.length - 2 : 0;
  return 2 ** halvings * backbone.strides.reduce((product, stride) => product * stride, 1);
}

/** Voxels of a scan, [n, 4], in a range. */
export function countVoxels(scan: Float32Array, { pointRange: range, voxelSize: size }: Grid): number {
  const filled = new Set<number>();
  const cells = [0, 1, 2].map((axis) => Math.round((range[axis + 3] - range[axis]) / size[axis]));
  for (let i = 0; i < scan.length; i += 4) {
    const at = [0, 1, 2].map((axis) => Math.floor((scan[i + axis] - range[axis]) / size[axis]));
    if (at.some((cell, axis) => !(cell >= 0 && cell < cells[axis]))) continue;
    filled.add((at[2] * cells[1] + at[1]) * cells[0] + at[0]);
  }
  return filled.size;
}

/** Whether the centre of an object is in a range. */
export function isInRange({ box }: Pick<SurveyedObject, "box">, range: Grid["pointRange"]): boolean {
  return [0, 1, 2].every((axis) => box[axis] >= range[axis] && box[axis] <= range[axis + 3]);
}
