import { gridSize } from "voxelize";
import type { BackboneConfig, DetectorConfig } from "../config/detector-config.js";

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

/** One 2D convolution (or transposed convolution, in the neck), followed by batch norm and ReLU. */
export interface DenseLayer {
  readonly name: string;
  /** Side of the square kernel. */
  readonly kernel: number;
  readonly stride: number;
  readonly inChannels: number;
  readonly outChannels: number;
}

/** One 1×1 convolution with a bias and no norm. */
export interface HeadLayer {
  readonly name: string;
  readonly inChannels: number;
  readonly outChannels: number;
}

/** Every layer of the network, in the order in which data flows. */
export interface DetectorLayers {
  readonly encoder: readonly SparseLayer[];
  /** Layers of block i; the outputs of one block share one shape. */
  readonly backbone: readonly (readonly DenseLayer[])[];
  /** One transposed convolution per block, kernel = stride. */
  readonly neck: readonly DenseLayer[];
  readonly head: { readonly cls: HeadLayer; readonly box: HeadLayer; readonly dir: HeadLayer };
}

/** Mean x, y, z and intensity of a voxel. */
const VOXEL_FEATURES = 4;
const BOX_CODE_SIZE = 7;
const DIRECTION_BINS = 2;

/** Cells of the encoder's grid, z, y, x: the voxel grid with one more cell in height, as SECOND has it (41 for 40). */
export function sparseGridShape(config: DetectorConfig): Triple {
  const [nx, ny, nz] = gridSize({ range: config.pointRange, voxelSize: config.voxelSize });
  return [nz + 1, ny, nx];
}

/**
 * The layers that a configuration describes: SECOND (spconv's `SparseEncoder`, `SECOND` backbone and `SECONDFPN` neck in MMDetection3D).
 *
 * Encoder: a submanifold layer and stage 1 with another one at full resolution; each further stage opens with a strided
 * 3×3×3 convolution and goes on with two submanifold ones; the output layer halves the height alone (3×1×1, stride 2).
 * The last stage pads only y and x. The first channel count of the backbone is outChannels · (height of the output).
 *
 * @throws RangeError if the grid is too small for the strides
 */
export function detectorLayers(config: DetectorConfig): DetectorLayers {
  const encoder = encoderLayers(config.encoder.channels);
  const height = encoder.reduce((cells, layer) => sparseOutputShape(layer, cells), sparseGridShape(config))[0];
  const backbone = backboneLayers(config.backbone, encoder[encoder.length - 1].outChannels * height);
  const anchorsPerCell = config.classes.length * config.anchors.rotations.length;
  const headLayer = (name: string, perAnchor: number): HeadLayer => ({
    name: `head.${name}`,
    inChannels: config.neck.channels.reduce((sum, channels) => sum + channels, 0),
    outChannels: anchorsPerCell * perAnchor,
  });
  const head = {
    cls: headLayer("cls", config.classes.length),
    box: headLayer("box", BOX_CODE_SIZE),
    dir: headLayer("dir", DIRECTION_BINS),
  };
  return { encoder, backbone, neck: neckLayers(config), head };
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

function encoderLayers(channels: readonly number[]): SparseLayer[] {
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

function backboneLayers({ layers, strides, channels }: BackboneConfig, mapChannels: number): DenseLayer[][] {
  return layers.map((count, i) =>
    Array.from({ length: count + 1 }, (_, j) => ({
      name: `backbone.block${i}.${j}`,
      kernel: 3,
      stride: j === 0 ? strides[i] : 1,
      inChannels: j > 0 ? channels[i] : i > 0 ? channels[i - 1] : mapChannels,
      outChannels: channels[i],
    })),
  );
}

function neckLayers({ neck, backbone }: DetectorConfig): DenseLayer[] {
  return neck.strides.map((stride, i) => ({
    name: `neck.${i}`,
    kernel: stride,
    stride,
    inChannels: backbone.channels[i],
    outChannels: neck.channels[i],
  }));
}
