import type { DetectorConfig } from "../config/detector-config.js";
import type { NamedArray } from "../named-array.js";
import { detectorLayers, type EncoderLayers } from "../network/detector-layers.js";
import type { Unit } from "../network/unit.js";
import {
  fromPublicNames,
  type PublicTensor,
  type PublicUnit,
  type RenamedTensor,
  renamedUnit,
} from "./renamed-tensors.js";

/** What a file of MMDetection3D does not say by its tensors. */
export interface Mmdet3dOptions {
  /** in their label order; default: Pedestrian, Cyclist, Car, as its KITTI models have them, or the one class of a detector of one */
  readonly classes?: readonly string[] | undefined;
  /** made before 1.0, whose boxes were (width, length) and turned the other way from −y; default: no */
  readonly before1?: boolean | undefined;
}

const KITTI_ORDER = ["Pedestrian", "Cyclist", "Car"];
/** Numbers of a box. */
const CODE = 7;
/** Points of PointPillars before 1.0 had no height over the centre of their column. */
const OLD_POINT_FEATURES = 9;
/** Now: x, y, z, intensity and two offsets in space. */
const POINT_FEATURES = 10;

/**
 * The configuration as MMDetection3D runs it: directions are split at −π/2, and anchors stand in the centre of each cell for
 * PointPillars, from border to border for SECOND. A detector with its weights needs these.
 */
export function mmdet3dConfig(config: DetectorConfig): DetectorConfig {
  const directionOffset = -Math.PI / 2;
  return {
    ...config,
    anchors: { ...config.anchors, alignCenter: config.encoder.kind === "pillars" },
    loss: { ...config.loss, directionOffset },
    predict: { ...config.predict, directionOffset, directionLimitOffset: 0 },
  };
}

/** Whether tensors have MMDetection3D's names. */
export function areMmdet3dNames(names: Iterable<string>): boolean {
  for (const name of names) if (name.startsWith("bbox_head.")) return true;
  return false;
}

/** Whether tensors are of a PointPillars from before 1.0, as the features of its points tell. */
export function hasOldPoints(tensors: ReadonlyMap<string, PublicTensor>): boolean {
  return tensors.get("voxel_encoder.pfn_layers.0.linear.weight")?.shape[1] === OLD_POINT_FEATURES;
}

/**
 * Weights of MMDetection3D's `VoxelNet` with an `Anchor3DHead` (SECOND, PointPillars) under our names, for a detector of
 * {@link mmdet3dConfig}:
 *
 *     middle_encoder.conv_input.0, .1                   encoder.input          sparse kernel, norm
 *     middle_encoder.encoder_layers.encoder_layer<i>.<j>.0, .1   encoder.stage<i>.<j>
 *     middle_encoder.conv_out.0, .1                     encoder.output
 *     voxel_encoder.pfn_layers.0.linear, .norm          encoder.points.0
 *     backbone.blocks.<i>.<3j>, <3j + 1>                backbone.block<i>.<j>
 *     neck.deblocks.<i>.0, .1                           neck.<i>
 *     bbox_head.conv_cls, conv_reg, conv_dir_cls        head.cls, head.box, head.dir
 *
 * What differs beside names: the head's channels come in their order of classes. In PointPillars they write the offset from the
 * column's centre over the place itself (`legacy`), so that the filter sees it twice: here the place has weight 0 and the offset the
 * sum. Before 1.0 a box was (width, length) and its yaw ψ' = −ψ − π/2: rotations of an anchor change places, so do the two
 * sizes and the two directions, and the yaw's code changes its sign, with what 1.57 lacks to π/2 in the bias.
 * @param tensors by their names; step counters are left aside
 * @throws RangeError for an encoder that it does not have, other classes, or that lists every tensor that does not fit
 */
export function weightsFromMmdet3d(
  tensors: ReadonlyMap<string, PublicTensor>,
  config: DetectorConfig,
  { classes, before1 = false }: Mmdet3dOptions = {},
): Map<string, NamedArray> {
  const fewFeatures = hasOldPoints(tensors);
  const table = mmdet3dTensors(config).map((each) =>
    each.ours === "encoder.points.0.weight" && fewFeatures
      ? { ...each, shape: [OLD_POINT_FEATURES, each.shape[1]] }
      : each,
  );
  const weights = fromPublicNames("weightsFromMmdet3d", table, { tensors });
  const filter = weights.get("encoder.points.0.weight");
  if (filter !== undefined) weights.set("encoder.points.0.weight", placesAsOffsets(filter));
  const order = classOrder(config, classes);
  const old = before1 || fewFeatures;
  for (const [name, channels] of Object.entries(headChannels(config, order, old))) {
    for (const part of ["weight", "bias"]) {
      const key = `head.${name}.${part}`;
      weights.set(key, takeChannels(weights.get(key) as NamedArray, channels, part === "bias"));
    }
  }
  return weights;
}

function mmdet3dTensors(config: DetectorConfig): RenamedTensor[] {
  const { encoder, backbone, neck, camera, head } = detectorLayers(config);
  if (encoder.kind === "pointnet" || camera !== undefined) {
    const got = camera === undefined ? `the encoder ${encoder.kind}` : "a camera";
    throw new RangeError(`weightsFromMmdet3d: expected SECOND or PointPillars in ${config.name}, got ${got}`);
  }
  const numbered = (theirs: string, first: number): PublicUnit => ({
    products: `${theirs}.${first}`,
    norm: `${theirs}.${first + 1}`,
  });
  return [
    ...encoder.layers.flatMap((unit) => renamedUnit(encoderNames(encoder, unit), unit)),
    ...backbone.flatMap((block, i) =>
      block.flatMap((unit, j) => renamedUnit(numbered(`backbone.blocks.${i}`, 3 * j), unit)),
    ),
    ...neck.flatMap((unit, i) => renamedUnit(numbered(`neck.deblocks.${i}`, 0), unit)),
    ...renamedUnit({ products: "bbox_head.conv_cls" }, head.cls),
    ...renamedUnit({ products: "bbox_head.conv_reg" }, head.box),
    ...renamedUnit({ products: "bbox_head.conv_dir_cls" }, head.dir),
  ];
}

function encoderNames({ kind }: EncoderLayers, { name }: Unit): PublicUnit {
  if (kind !== "sparse") {
    return { products: "voxel_encoder.pfn_layers.0.linear", norm: "voxel_encoder.pfn_layers.0.norm" };
  }
  const theirs = name
    .replace("encoder.input", "middle_encoder.conv_input")
    .replace("encoder.output", "middle_encoder.conv_out")
    .replace("encoder.stage", "middle_encoder.encoder_layers.encoder_layer");
  return { products: `${theirs}.0`, norm: `${theirs}.1` };
}

/** [9 or 10, out] of inputs with the offset from the centre in the place of x, y (and z) → [10, out] for ours. */
function placesAsOffsets({ shape: [inputs, out], data }: NamedArray): NamedArray {
  const axes = inputs - 7; // that have an offset from the centre
  const moved = new Float32Array(POINT_FEATURES * out);
  for (let i = 0; i < 7; i++) {
    const to = i < axes ? i + 7 : i;
    for (let k = 0; k < out; k++) moved[to * out + k] = data[i * out + k];
  }
  for (let i = 0; i < axes * out; i++) moved[7 * out + i] += data[7 * out + i];
  return { shape: [POINT_FEATURES, out], data: moved };
}

/** Their index of each class of ours. */
function classOrder({ classes, name }: DetectorConfig, theirs: readonly string[] | undefined): number[] {
  const own = classes.map((each) => each.name);
  const order = theirs ?? (own.length === 1 ? own : KITTI_ORDER);
  if ([...own].sort().join() !== [...order].sort().join()) {
    const remedy = `weightsFromMmdet3d: expected the classes ${own.join(", ")} of ${name}, in any order`;
    throw new RangeError(`${remedy}, got ${order.join(", ")}${theirs === undefined ? ", as the file names none" : ""}`);
  }
  return own.map((each) => order.indexOf(each));
}

/** Which channel of theirs each of ours is, its sign and what its bias gains. */
interface Channel {
  readonly from: number;
  readonly sign: number;
  readonly shift: number;
}

function headChannels({ anchors: { rotations }, name }: DetectorConfig, order: readonly number[], old: boolean) {
  const turns = rotations.length;
  if (old && !(turns === 2 && rotations[0] === 0 && Math.abs(rotations[1] - Math.PI / 2) < 0.01)) {
    throw new RangeError(
      `weightsFromMmdet3d: expected anchors.rotations [0, 1.57] in ${name} for weights before 1.0, got [${rotations.join(", ")}]`,
    );
  }
  const outputs = (values: number, channelOf: (k: number) => Partial<Channel> & { readonly k: number }) =>
    order.flatMap((theirs) =>
      rotations.flatMap((yaw, r) => {
        const turn = old ? turns - 1 - r : r;
        const drift = -rotations[turn] - Math.PI / 2 - yaw;
        return Array.from({ length: values }, (_, value): Channel => {
          const { k, sign = 1, shift = 0 } = channelOf(value);
          const from = (theirs * turns + turn) * values + k;
          return { from, sign, shift: shift * (drift - Math.PI * Math.round(drift / Math.PI)) };
        });
      }),
    );
  const boxes = (k: number) => (k === 3 || k === 4 ? { k: 7 - k } : k === 6 ? { k, sign: -1, shift: 1 } : { k });
  return {
    cls: outputs(order.length, (k) => ({ k: order[k] })),
    box: outputs(CODE, old ? boxes : (k) => ({ k })),
    dir: outputs(2, (k) => ({ k: old ? 1 - k : k })),
  };
}

/** The last axis anew. */
function takeChannels({ shape, data }: NamedArray, channels: readonly Channel[], isBias: boolean): NamedArray {
  const count = channels.length;
  const taken = Float32Array.from(data, (_, i) => {
    const { from, sign, shift } = channels[i % count];
    return sign * data[i - (i % count) + from] + (isBias ? shift : 0);
  });
  return { shape, data: taken };
}
