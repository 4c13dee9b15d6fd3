import { headMapSize } from "../anchors.js";
import { detectorLayers, detectorUnits } from "../network/detector-layers.js";
import { unitTensors } from "../network/unit-tensors.js";
import { LIMITS } from "./config-limits.js";
import type { DetectorConfig } from "./detector-config.js";

/** What is wrong with a key, as the schema says it. */
export interface ExtentFault {
  readonly path: readonly (string | number)[];
  readonly expected: string;
}

/** What a configuration asks for too much of although each of its numbers is in its range: cells, anchors, weights. */
export function extentFaults(config: DetectorConfig): ExtentFault[] {
  try {
    return [...anchorFaults(config), ...weightFaults(config)];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const reason = error.message.replace(/^\w+: /, "");
    return [{ path: ["voxelSize"], expected: `expected sizes that fit pointRange and the strides (${reason})` }];
  }
}

function anchorFaults(config: DetectorConfig): ExtentFault[] {
  const { width, height } = headMapSize(config);
  const anchors = width * height * config.classes.length * config.anchors.rotations.length;
  if (anchors <= LIMITS.anchors) return [];
  const expected = `expected at most ${LIMITS.anchors} anchors (the map has ${width} x ${height} cells, ${anchors} anchors)`;
  return [{ path: ["voxelSize"], expected }];
}

function weightFaults(config: DetectorConfig): ExtentFault[] {
  const units = detectorUnits(detectorLayers(config)).map((unit) => ({
    part: unit.name.split(".")[0],
    weights: unitTensors(unit).reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0),
  }));
  const total = units.reduce((sum, { weights }) => sum + weights, 0);
  if (total <= LIMITS.weights) return [];
  const { part } = units.reduce((a, b) => (b.weights > a.weights ? b : a));
  const expected = `expected channels and layers with at most ${LIMITS.weights} weights in all (there would be ${total})`;
  return [{ path: [part], expected }];
}
