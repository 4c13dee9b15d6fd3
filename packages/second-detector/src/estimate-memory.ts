import { headMapSize } from "./anchors.js";
import type { DetectorConfig } from "./config/detector-config.js";
import { detectorLayers, detectorUnits } from "./network/detector-layers.js";
import { outputCells, type Unit } from "./network/unit.js";
import { unitTensors } from "./network/unit-tensors.js";

const BYTES = 4;
/** A weight, its gradient and AdamW's two moments. */
const NUMBERS_PER_WEIGHT = 4;
/** What a unit keeps of its output for the backward pass, and a gradient: before the norm, after ReLU, and its gradient. */
const NUMBERS_PER_OUTPUT = 3;
/** Points of a full turn of a Velodyne scanner. */
const POINTS_PER_SCAN = 2 ** 17;
/** Outputs of a ResNet-18 of width 64 for one pixel of its image: 16 of the stem, 4 + 16 + 8 + 4 + 2 of pooling and stages. */
const OUTPUTS_PER_PIXEL = 50;

/**
 * Bytes that a training step takes for weights and maps if every voxel of the configuration is filled (with an encoder on points:
 * by a full turn of a Velodyne scanner): an upper estimate, made without taking any. What the process itself, its threads and the reading of frames need comes on top.
 */
export function estimateStepMemory(config: DetectorConfig, { batchSize }: { readonly batchSize: number }): number {
  const layers = detectorLayers(config);
  const weights = sum(detectorUnits(layers).flatMap(unitTensors), ({ shape }) => product(shape));
  const { encoder, backbone, neck, head } = layers;
  const { train: voxels } = config.maxVoxels;
  const rows = encoder.kind === "sparse" ? voxels : Math.min(voxels * config.maxPointsPerVoxel, POINTS_PER_SCAN);
  const sites = rows * sum(encoder.layers, ({ outChannels }) => outChannels);

  let cells = encoder.outputShape.slice(1);
  let maps = product(cells) * encoder.layers[encoder.layers.length - 1].outChannels * encoder.outputShape[0];
  for (const unit of backbone.flat()) {
    cells = outputCells(unit, cells);
    maps += product(cells) * unit.outChannels;
  }
  const { width, height } = headMapSize(config);
  const onHeadMap = (units: readonly Unit[]) => width * height * sum(units, ({ outChannels }) => outChannels);
  maps += onHeadMap([...neck, ...Object.values(head)]);

  const { camera } = config;
  const pixels = camera === undefined ? 0 : product(camera.image.trainSizes[1]);
  const image = pixels * OUTPUTS_PER_PIXEL * ((camera?.resnet.width ?? 0) / 64);
  return BYTES * (NUMBERS_PER_WEIGHT * weights + NUMBERS_PER_OUTPUT * batchSize * (sites + maps + image));
}

function sum<T>(list: readonly T[], of: (each: T) => number): number {
  return list.reduce((total, each) => total + of(each), 0);
}

function product(list: readonly number[]): number {
  return list.reduce((total, each) => total * each, 1);
}
