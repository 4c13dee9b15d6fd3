import type { Rulebook } from "sparse-conv";
import { batchPillars, batchVoxels } from "voxelize";
import type { DetectorConfig } from "./config/detector-config.js";
import { type DetectorBatch, type EncoderFrame, inputKind } from "./detector-batch.js";
import { encoderLayers } from "./network/detector-layers.js";
import type { Sites, Unit } from "./network/unit.js";
import { SUBMANIFOLD } from "./network/unit-kinds.js";

/**
 * Joins frames into a batch and, for a sparse encoder, builds the rulebooks of its layers.
 * @param frames what `prepareFrame` returned, one per sample; a frame without points keeps its place
 * @throws RangeError if there is no frame, or one was prepared for another kind of encoder
 */
export function collateFrames(frames: readonly EncoderFrame[], config: DetectorConfig): DetectorBatch {
  if (frames.length === 0) throw new RangeError("collateFrames: expected one frame or more, got none");
  const encoder = encoderLayers(config);
  const kind = inputKind(encoder);
  if (kind === "points") return { kind, ...batchPillars(framesOf(frames, kind)) };
  const { features, coords, batchSize } = batchVoxels(framesOf(frames, kind));
  const rulebooks = sparseRulebooks(encoder.layers, { coords, shape: encoder.gridShape, batchSize });
  return { kind, features, coords, batchSize, rulebooks };
}

function framesOf<K extends EncoderFrame["kind"]>(frames: readonly EncoderFrame[], kind: K) {
  return frames.map((frame, i) => {
    if (frame.kind === kind) return frame as Extract<EncoderFrame, { kind: K }>;
    throw new RangeError(`collateFrames: expected ${kind} in frame ${i} for this encoder, got ${frame.kind}`);
  });
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
