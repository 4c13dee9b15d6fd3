import type { Rulebook } from "sparse-conv";
import type { PillarPoints, VoxelFeatures } from "voxelize";
import type { CameraBatch } from "./camera/collate-cameras.js";
import type { EncoderLayers } from "./network/detector-layers.js";

/**
 * One scan as its encoder takes it: `voxels`, [v, 4] mean x, y, z (metres, LiDAR frame) and intensity of each, for a sparse
 * encoder; `points`, [n, 10] decorated points of each cell, cell after cell, for one on points.
 */
export type EncoderFrame = (VoxelFeatures & { readonly kind: "voxels" }) | (PillarPoints & { readonly kind: "points" });

/** Frames of one batch with all the work done that needs no gradient: what the forward pass takes. */
export type DetectorBatch = VoxelBatch | PointBatch;

/** Frames for a sparse encoder. */
export interface VoxelBatch extends BatchEnd {
  readonly kind: "voxels";
  /** [v, 4] mean x, y, z and intensity of each voxel, frame after frame */
  readonly features: Float32Array;
  /** [v, 4] batch, z, y, x of each voxel */
  readonly coords: Int32Array;
  /** One per layer, in order; layers on the same sites share one. */
  readonly rulebooks: readonly Rulebook[];
}

/** Frames for an encoder on points. */
export interface PointBatch extends BatchEnd {
  readonly kind: "points";
  /** [n, 10] decorated points, cell after cell */
  readonly points: Float32Array;
  /** [cells + 1] the first point of each cell, then n */
  readonly starts: Int32Array;
  /** [cells, 4] batch, z, y, x of each cell */
  readonly coords: Int32Array;
}

interface BatchEnd {
  readonly batchSize: number;
  /** What `collateCameras` makes; needed where the configuration has a camera. */
  readonly camera?: CameraBatch | undefined;
}

/** What an encoder takes. */
export function inputKind({ kind }: Pick<EncoderLayers, "kind">): DetectorBatch["kind"] {
  return kind === "sparse" ? "voxels" : "points";
}

/** @throws RangeError if the batch was prepared for another configuration */
export function checkBatch(caller: string, encoder: EncoderLayers, batch: DetectorBatch): void {
  if (batch.kind !== inputKind(encoder)) {
    throw new RangeError(
      `${caller}: expected ${inputKind(encoder)} in batch for the encoder ${encoder.kind}, got ${batch.kind}`,
    );
  }
  if (batch.kind === "voxels") {
    if (batch.rulebooks.length === encoder.layers.length) return;
    throw new RangeError(
      `${caller}: expected ${encoder.layers.length} rulebooks in batch, got ${batch.rulebooks.length}`,
    );
  }
  const { slots = Number.POSITIVE_INFINITY } = encoder;
  const crowded = batch.starts.findIndex((start, i) => i > 0 && start - batch.starts[i - 1] > slots);
  if (crowded > 0) {
    const count = batch.starts[crowded] - batch.starts[crowded - 1];
    throw new RangeError(`${caller}: expected at most ${slots} points of a cell in batch, got ${count}`);
  }
}
