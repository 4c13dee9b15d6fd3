import { gridSize } from "voxelize";
import type { DetectorConfig } from "../config/detector-config.js";

/** A number per grid axis: z, y, x. */
export type Triple = readonly [z: number, y: number, x: number];

/** One sparse 3D convolution of the encoder, followed by batch norm and ReLU. */
export interface SparseLayer {
  /** Name of its output stage and prefix of its weights, such as `encoder.stage2.0`. */
  readonly name: string;
  /** `submanifold`: output sites = input sites. `strided`: every site that an input reaches. */
  readonly kind: "submanifold" | "strided";
  readonly kernel: Triple;
  readonly stride: Triple;
  readonly padding: Triple;
  readonly inChannels: number;
  readonly outChannels: number;
}

/** One linear layer on single points, without bias, followed by batch norm and ReLU. */
export interface PointLayer {
  /** Name of its output stage and prefix of its weights: `encoder.points.<i>`. */
  readonly name: string;
  readonly inChannels: number;
  readonly outChannels: number;
}

/** How points become a bird's-eye-view map. */
export type EncoderLayers =
  | { readonly kind: "sparse"; readonly layers: readonly SparseLayer[] }
  | { readonly kind: "pillars" | "pointnet"; readonly layers: readonly PointLayer[] };

/** Mean x, y, z and intensity of a voxel. */
const VOXEL_FEATURES = 4;
/** A point beside its cell: x, y, z, intensity, its offset from the mean of the cell's points, that from the centre. */
const POINT_FEATURES = 10;

/** The encoder that a configuration describes. */
export function encoderLayers({ encoder }: Pick<DetectorConfig, "encoder">): EncoderLayers {
  const { kind } = encoder;
  if (kind === "sparse") return { kind, layers: sparseLayers(encoder.channels) };
  return { kind, layers: pointLayers(kind === "pillars" ? [encoder.channels] : encoder.channels) };
}

/**
 * Grid that the encoder works on, z, y, x. Sparse: the voxel grid with one more cell in height, as SECOND has it (41 for
 * 40). On points: the voxel grid, one cell high.
 */
export function encoderGridShape(config: Pick<DetectorConfig, "encoder" | "pointRange" | "voxelSize">): Triple {
  const [nx, ny, nz] = gridSize({ range: config.pointRange, voxelSize: config.voxelSize });
  return [config.encoder.kind === "sparse" ? nz + 1 : nz, ny, nx];
}

/**
 * Grid of the encoder's output, z, y, x: a map of `z` cells in height, which join the channels.
 * @throws RangeError if the grid is too small for the strides
 */
export function encoderOutputShape(config: Pick<DetectorConfig, "encoder" | "pointRange" | "voxelSize">): Triple {
  const encoder = encoderLayers(config);
  const input = encoderGridShape(config);
  if (encoder.kind !== "sparse") return input;
  return encoder.layers.reduce((shape, layer) => sparseOutputShape(layer, shape), input);
}

/**
 * Cells of the grid after a sparse layer: ⌊(n + 2·padding − kernel)/stride⌋ + 1 per axis; unchanged if submanifold.
 * @throws RangeError if an axis has no cell left
 */
export function sparseOutputShape(layer: SparseLayer, shape: Triple): Triple {
  if (layer.kind === "submanifold") return shape;
  const cells = shape.map((n, axis) =>
    Math.floor((n + 2 * layer.padding[axis] - layer.kernel[axis]) / layer.stride[axis] + 1),
  ) as unknown as Triple;
  if (Math.min(...cells) < 1) {
    throw new RangeError(`sparseOutputShape: expected a grid of at least one cell after ${layer.name}, got [${cells}]`);
  }
  return cells;
}

/**
 * SECOND (spconv's `SparseEncoder` in MMDetection3D): a submanifold layer and stage 1 with another one at full resolution;
 * each further stage opens with a strided 3×3×3 convolution and goes on with two submanifold ones; the output layer halves
 * the height alone (3×1×1, stride 2). The last stage pads only y and x.
 */
function sparseLayers(channels: readonly number[]): SparseLayer[] {
  const stages = channels.slice(0, -1);
  const same = (name: string, from: number, to: number): SparseLayer => ({
    name: `encoder.${name}`,
    kind: "submanifold",
    kernel: [3, 3, 3],
    stride: [1, 1, 1],
    padding: [1, 1, 1],
    inChannels: from,
    outChannels: to,
  });
  const layers = [same("input", VOXEL_FEATURES, stages[0]), same("stage1.0", stages[0], stages[0])];
  for (let i = 1; i < stages.length; i++) {
    const [from, to] = [stages[i - 1], stages[i]];
    const padding: Triple = i === stages.length - 1 ? [0, 1, 1] : [1, 1, 1];
    const open = {
      ...same(`stage${i + 1}.0`, from, to),
      kind: "strided" as const,
      stride: [2, 2, 2] as const,
      padding,
    };
    layers.push(open, same(`stage${i + 1}.1`, to, to), same(`stage${i + 1}.2`, to, to));
  }
  layers.push({
    name: "encoder.output",
    kind: "strided",
    kernel: [3, 1, 1],
    stride: [2, 1, 1],
    padding: [0, 0, 0],
    inChannels: stages[stages.length - 1],
    outChannels: channels[channels.length - 1],
  });
  return layers;
}

function pointLayers(channels: readonly number[]): PointLayer[] {
  return channels.map((outChannels, i) => ({
    name: `encoder.points.${i}`,
    inChannels: i === 0 ? POINT_FEATURES : channels[i - 1],
    outChannels,
  }));
}
