import type { Triple } from "sparse-conv";
import { gridSize } from "voxelize";
import { type CameraLayers, cameraLayers, cameraUnits } from "../camera/camera-layers.js";
import type { DetectorConfig } from "../config/detector-config.js";
import { outputCells, type Unit } from "./unit.js";
import { convolution, linear, strided, submanifold, transposed, type UnitEnd } from "./unit-kinds.js";

/** Every layer of a network, in the order in which data flows. */
export interface DetectorLayers {
  readonly encoder: EncoderLayers;
  /** Layers of block i; the outputs of one block share one shape. */
  readonly backbone: readonly (readonly Unit[])[];
  /** One transposed convolution per block. */
  readonly neck: readonly Unit[];
  /** Where images are fused with the neck's map, whose channels the result keeps. */
  readonly camera?: CameraLayers | undefined;
  /** 1×1 convolutions with a bias. */
  readonly head: { readonly cls: Unit; readonly box: Unit; readonly dir: Unit };
}

/** How points become a bird's-eye-view map. */
export interface EncoderLayers {
  readonly kind: DetectorConfig["encoder"]["kind"];
  readonly layers: readonly Unit[];
  /** Cells of the grid that it works on, z, y, x. */
  readonly gridShape: Triple;
  /** Cells of the grid of its output, z, y, x; those in height join the channels of the map. */
  readonly outputShape: Triple;
  /** `pillars`: points that a cell has room for; where it has fewer, the empty slots take part as points of zeros. */
  readonly slots?: number | undefined;
}

/** Numbers of a point where a configuration says nothing: x, y, z and intensity. */
const ALL_FEATURES = 4;
const BOX_CODE_SIZE = 7;
const DIRECTION_BINS = 2;
/** Share of anchors that the untrained classifier calls an object, so that background does not swamp the first steps. */
const FOCAL_PRIOR = 0.01;
/** Standard deviation of the head's first weights, as in MMDetection3D's `Anchor3DHead`. */
const HEAD_DEVIATION = 0.01;

/**
 * The layers that a configuration describes: an encoder, then the `SECOND` backbone and `SECONDFPN` neck of MMDetection3D,
 * and an anchor head whose classifier starts at −ln((1 − π)/π) (focal loss, Lin et al. 2017, section 4.1).
 * @throws RangeError if the grid is too small for the strides
 */
export function detectorLayers(config: DetectorConfig): DetectorLayers {
  const norm = { epsilon: config.batchNorm.epsilon };
  const encoder = encoderLayers(config);
  const mapChannels = encoder.layers[encoder.layers.length - 1].outChannels * encoder.outputShape[0];

  const { layers, strides, channels } = config.backbone;
  const backbone = layers.map((count, i) => {
    const from = i > 0 ? channels[i - 1] : mapChannels;
    const unit = (j: number, fromChannels: number, stride: number) =>
      convolution(`backbone.block${i}.${j}`, [fromChannels, channels[i]], { side: 3, stride, norm });
    return [unit(0, from, strides[i]), ...Array.from({ length: count }, (_, j) => unit(j + 1, channels[i], 1))];
  });

  const neck = config.neck.strides.map((side, i) =>
    transposed(`neck.${i}`, [channels[i], config.neck.channels[i]], { side, norm }),
  );
  const neckChannels = config.neck.channels.reduce((sum, each) => sum + each, 0);

  const anchorsPerCell = config.classes.length * config.anchors.rotations.length;
  const output = (name: string, perAnchor: number, first: number) =>
    convolution(`head.${name}`, [neckChannels, anchorsPerCell * perAnchor], {
      side: 1,
      bias: { first },
      relu: false,
      deviation: HEAD_DEVIATION,
    });
  const head = {
    cls: output("cls", config.classes.length, -Math.log((1 - FOCAL_PRIOR) / FOCAL_PRIOR)),
    box: output("box", BOX_CODE_SIZE, 0),
    dir: output("dir", DIRECTION_BINS, 0),
  };
  return {
    encoder,
    backbone,
    neck,
    camera: config.camera && cameraLayers(config.camera, { norm, neckChannels }),
    head,
  };
}

/** Every unit of a network, in the order in which data flows: that of its weights. */
export function detectorUnits({ encoder, backbone, neck, camera, head }: DetectorLayers): Unit[] {
  return [
    ...encoder.layers,
    ...backbone.flat(),
    ...neck,
    ...(camera ? cameraUnits(camera) : []),
    ...Object.values(head),
  ];
}

/**
 * The encoder that a configuration describes. Its grid is that of the voxels; a sparse one has one more cell in height, as
 * SECOND has it (41 for 40).
 * @param config `batchNorm` and `maxPointsPerVoxel` may be left out where only shapes are asked for
 * @throws RangeError if the grid is too small for the strides
 */
export function encoderLayers(
  config: Pick<DetectorConfig, "encoder" | "pointRange" | "voxelSize"> &
    Partial<Pick<DetectorConfig, "features" | "batchNorm" | "maxPointsPerVoxel">>,
): EncoderLayers {
  const { kind, channels } = config.encoder;
  const [nx, ny, nz] = gridSize({ range: config.pointRange, voxelSize: config.voxelSize });
  const norm = config.batchNorm && { epsilon: config.batchNorm.epsilon };
  if (kind !== "sparse") {
    const gridShape: Triple = [nz, ny, nx];
    const slots = kind === "pillars" ? config.maxPointsPerVoxel : undefined;
    const inputSizes = pointSizes(config);
    const layers = pointLayers([inputSizes.length, channels].flat(), { norm, inputSizes });
    return { kind, layers, gridShape, outputShape: gridShape, slots };
  }
  const layers = sparseLayers([featureCount(config), ...channels], norm);
  const gridShape: Triple = [nz + 1, ny, nx];
  return { kind, layers, gridShape, outputShape: layers.reduce((shape, unit) => outputCells(unit, shape), gridShape) };
}

/**
 * SECOND (spconv's `SparseEncoder` in MMDetection3D): a submanifold layer and stage 1 with another one at full resolution;
 * each further stage opens with a strided 3×3×3 convolution and goes on with two submanifold ones; the output layer halves
 * the height alone (3×1×1, stride 2). The last stage pads only y and x.
 */
function sparseLayers([features, ...channels]: readonly number[], norm: UnitEnd["norm"]): Unit[] {
  const stages = channels.slice(0, -1);
  const cube = { kernel: [3, 3, 3], norm } as const;
  const same = (name: string, from: number, to: number) => submanifold(`encoder.${name}`, [from, to], cube);
  const halve = (name: string, from: number, to: number, padding: Triple) =>
    strided(`encoder.${name}`, [from, to], { ...cube, stride: [2, 2, 2], padding });
  const last = stages.length - 1;
  return [
    same("input", features, stages[0]),
    same("stage1.0", stages[0], stages[0]),
    ...stages
      .slice(1)
      .flatMap((to, i) => [
        halve(`stage${i + 2}.0`, stages[i], to, i + 1 === last ? [0, 1, 1] : [1, 1, 1]),
        same(`stage${i + 2}.1`, to, to),
        same(`stage${i + 2}.2`, to, to),
      ]),
    strided("encoder.output", [stages[last], channels[channels.length - 1]], {
      kernel: [3, 1, 1],
      stride: [2, 1, 1],
      padding: [0, 0, 0],
      norm,
    }),
  ];
}

/** Numbers of a point that the encoder takes. */
export function featureCount({ features }: Pick<DetectorConfig, "features">): number {
  return features?.length ?? ALL_FEATURES;
}

/** Linear layers on single points: PointPillars has one, a PointNet several. */
function pointLayers(channels: readonly number[], { norm, inputSizes }: Pick<UnitEnd, "norm" | "inputSizes">): Unit[] {
  return channels
    .slice(1)
    .map((to, i) => linear(`encoder.points.${i}`, [channels[i], to], { norm, ...(i === 0 && { inputSizes }) }));
}

/**
 * How large the numbers of a point usually are: tens of metres for its place, centimetres for its offsets in a column. Without it
 * what a column looks like would drown, for many steps, in where it stands.
 */
function pointSizes(config: Pick<DetectorConfig, "features" | "pointRange" | "voxelSize">): number[] {
  const { pointRange, voxelSize } = config;
  const [x0, y0, z0, x1, y1, z1] = pointRange;
  const [dx, dy, dz] = voxelSize;
  const intensity = 1 / 2;
  const own = [(x1 - x0) / 2, (y1 - y0) / 2, (z1 - z0) / 4, intensity].slice(0, featureCount(config));
  return [...own, dx / 4, dy / 4, dz / 8, dx / 2, dy / 2, dz / 4];
}
