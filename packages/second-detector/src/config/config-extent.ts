import { headMapSize } from "../anchors.js";
import { detectorLayers, detectorUnits, encoderLayers } from "../network/detector-layers.js";
import { unitTensors } from "../network/unit-tensors.js";
import { LIMITS } from "./config-limits.js";
import type { DetectorConfig } from "./detector-config.js";

/** What is wrong with a key, as the schema says it. */
export interface ExtentFault {
  readonly path: readonly (string | number)[];
  readonly expected: string;
}

/**
 * What is wrong with a configuration although each of its numbers is in its range: a grid that does not come out even, too many
 * cells, anchors or weights.
 */
export function extentFaults(config: DetectorConfig): ExtentFault[] {
  const uneven = gridFaults(config);
  if (uneven.length > 0) return uneven;
  try {
    return [...levelFaults(config), ...anchorFaults(config), ...weightFaults(config)];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const reason = error.message.replace(/^\w+: /, "");
    return [{ path: ["voxelSize"], expected: `expected sizes that fit pointRange and the strides (${reason})` }];
  }
}

/** What part of a voxel a range may be longer or shorter than a whole number of them. */
const MOST_REST = 0.01;

/** The rest of a range that is no whole number of voxels would be lost, or lie out of it. */
function gridFaults({ pointRange, voxelSize }: DetectorConfig): ExtentFault[] {
  return ["x", "y", "z"].flatMap((axis, a) => {
    const voxels = (pointRange[a + 3] - pointRange[a]) / voxelSize[a];
    if (Math.abs(voxels - Math.round(voxels)) <= MOST_REST) return [];
    const expected = `expected a size that divides pointRange (there would be ${voxels.toFixed(2)} voxels along ${axis})`;
    return [{ path: ["voxelSize", a], expected }];
  });
}

/** The levels of the neck are joined cell by cell. */
function levelFaults(config: DetectorConfig): ExtentFault[] {
  const { backbone, neck } = config;
  const [, height, width] = encoderLayers(config).outputShape;
  let cells = [width, height];
  const levels = backbone.strides.map((stride, i) => {
    cells = cells.map((count) => Math.ceil(count / stride));
    return cells.map((count) => count * neck.strides[i]).join(" x ");
  });
  if (new Set(levels).size === 1) return [];
  const expected = `expected levels of one size (they would have ${levels.join(", ")} cells): pointRange in voxels must divide by the strides, and those of the neck undo the backbone's`;
  return [{ path: ["neck", "strides"], expected }];
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
