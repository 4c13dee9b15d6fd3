import type { Rulebook } from "sparse-conv";
import type { CameraBatch } from "./camera/collate-cameras.js";
import type { EncoderLayers } from "./network/detector-layers.js";

/** Frames of one batch with all the work done that needs no gradient: what the forward pass takes. */
export interface DetectorBatch {
  /**
   * Sparse encoder: [v, 4] mean x, y, z (metres, LiDAR frame) and intensity of each voxel, frame after frame. Encoders on
   * points: [points, 10] decorated points, cell after cell.
   */
  readonly features: Float32Array;
  /** [v, 4] batch, z, y, x of each voxel or cell */
  readonly coords: Int32Array;
  /** [v] points of each voxel or cell */
  readonly counts: Int32Array;
  /**
   * Sparse encoder: one per layer, in order; layers on the same sites share one. Encoders on points: a single one from
   * points to cells, in which the tap of a point is its number in the cell.
   */
  readonly rulebooks: readonly Rulebook[];
  readonly batchSize: number;
  /** What `collateCameras` makes; needed where the configuration has a camera. */
  readonly camera?: CameraBatch | undefined;
}

/** Points that a cell can hold: taps of the rulebook from points to cells. */
export function slotsOf({ map }: Rulebook): number {
  return map.taps;
}

/** @throws RangeError if the batch was prepared for another encoder */
export function checkRulebooks(caller: string, { kind, layers }: EncoderLayers, { rulebooks }: DetectorBatch): void {
  const expected = kind === "sparse" ? layers.length : 1;
  if (rulebooks.length === expected) return;
  throw new RangeError(`${caller}: expected ${expected} rulebooks in batch, got ${rulebooks.length}`);
}
