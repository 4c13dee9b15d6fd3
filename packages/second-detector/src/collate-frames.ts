import type { Rulebook } from "sparse-conv";
import { batchVoxels, type VoxelFeatures } from "voxelize";
import type { DetectorConfig } from "./config/detector-config.js";
import type { DetectorBatch } from "./detector-batch.js";
import { encoderLayers } from "./network/detector-layers.js";
import type { Sites, Unit } from "./network/unit.js";
import { SUBMANIFOLD } from "./network/unit-kinds.js";

/**
 * Joins frames into a batch and builds the rulebooks of the encoder.
 * @param frames what `prepareFrame` returned, one per sample; a frame without points keeps its place
 * @throws RangeError if there is no frame
 */
export function collateFrames(frames: readonly VoxelFeatures[], config: DetectorConfig): DetectorBatch {
  if (frames.length === 0) throw new RangeError("collateFrames: expected one frame or more, got none");
  const encoder = encoderLayers(config);
  const shape = encoder.gridShape;
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

/** One rulebook per unit; neighbouring submanifold units of one kernel share theirs. */
function sparseRulebooks(units: readonly Unit[], input: Sites): Rulebook[] {
  let sites = input;
  const rulebooks: Rulebook[] = [];
  units.forEach((unit, i) => {
    const shared = unit.kind === SUBMANIFOLD && units[i - 1]?.kind === SUBMANIFOLD && sameKernel(unit, units[i - 1]);
    const rulebook = shared ? rulebooks[i - 1] : unit.kind.rulebook!(unit, sites);
    rulebooks.push(rulebook);
    sites = { ...sites, coords: rulebook.outputCoords, shape: rulebook.outputShape };
  });
  return rulebooks;
}

function sameKernel(a: Unit, b: Unit): boolean {
  return String(a.kernel) === String(b.kernel);
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
