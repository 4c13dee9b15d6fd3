import { buildStridedRulebook, buildSubmanifoldRulebook, type Rulebook } from "sparse-conv";
import { batchVoxels, type VoxelFeatures } from "voxelize";
import type { DetectorConfig } from "./config/detector-config.js";
import type { DetectorBatch } from "./detector-batch.js";
import { encoderGridShape, encoderLayers, type SparseLayer, type Triple } from "./network/encoder-layers.js";

/**
 * Joins frames into a batch and builds the rulebooks of the encoder.
 * @param frames what `prepareFrame` returned, one per sample; a frame without points keeps its place
 * @throws RangeError if there is no frame
 */
export function collateFrames(frames: readonly VoxelFeatures[], config: DetectorConfig): DetectorBatch {
  if (frames.length === 0) throw new RangeError("collateFrames: expected one frame or more, got none");
  const encoder = encoderLayers(config);
  const shape = encoderGridShape(config);
  if (encoder.kind === "sparse") {
    const { features, coords, counts, batchSize } = batchVoxels(frames);
    const rulebooks = sparseRulebooks(encoder.layers, { coords, shape, batchSize });
    return { features, coords, counts, batchSize, rulebooks };
  }
  const features = joinRows(frames.map((frame) => frame.features));
  // Cells go through batchVoxels alone: it wants as many numbers of each.
  const cells = frames.map(({ coords, counts }) => ({ features: new Float32Array(0), coords, counts }));
  const { coords, counts, batchSize } = batchVoxels(cells);
  const rulebook = pointsToCells(counts, { coords, shape, batchSize, slots: config.maxPointsPerVoxel });
  return { features, coords, counts, batchSize, rulebooks: [rulebook] };
}

interface Sites {
  readonly coords: Int32Array;
  readonly shape: Triple;
  readonly batchSize: number;
}

/** One rulebook per layer; neighbouring submanifold layers of one kernel share theirs. */
function sparseRulebooks(layers: readonly SparseLayer[], input: Sites): Rulebook[] {
  const { batchSize } = input;
  let { coords, shape } = input;
  let shared: { readonly kernel: string; readonly rulebook: Rulebook } | undefined;
  return layers.map(({ kind, kernel, stride, padding }) => {
    if (kind === "submanifold") {
      if (shared?.kernel !== String(kernel)) {
        shared = { kernel: String(kernel), rulebook: buildSubmanifoldRulebook(coords, { shape, batchSize, kernel }) };
      }
      return shared.rulebook;
    }
    const rulebook = buildStridedRulebook(coords, { shape, batchSize, kernel, stride, padding });
    shared = undefined;
    coords = rulebook.outputCoords;
    shape = rulebook.outputShape as Triple;
    return rulebook;
  });
}

/** Point j of a cell is an input row under tap j, so that inside a tap no cell comes twice. */
function pointsToCells(
  counts: Int32Array,
  { coords, shape, batchSize, slots }: Sites & { readonly slots: number },
): Rulebook {
  const starts = new Int32Array(slots + 1);
  for (const count of counts) for (let j = 0; j < count; j++) starts[j + 1] += 1;
  for (let j = 0; j < slots; j++) starts[j + 1] += starts[j];
  const inRows = starts[slots];
  const inputs = new Int32Array(inRows);
  const outputs = new Int32Array(inRows);
  const next = starts.slice();
  let point = 0;
  counts.forEach((count, cell) => {
    for (let j = 0; j < count; j++) {
      const pair = next[j]++;
      inputs[pair] = point++;
      outputs[pair] = cell;
    }
  });
  return {
    kernel: [slots, 1, 1],
    inRows,
    outRows: counts.length,
    outputCoords: coords,
    outputShape: shape,
    batchSize,
    map: { taps: slots, starts, inputs, outputs },
  };
}

function joinRows(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
