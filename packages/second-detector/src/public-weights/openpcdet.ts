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
  toPublicNames,
} from "./renamed-tensors.js";

/**
 * Names and layouts of OpenPCDet's `SECOND` and `PointPillar` (`AnchorHeadSingle`) beside ours:
 *
 *     backbone_3d.conv_input.0, .1                encoder.input          sparse kernel, norm
 *     backbone_3d.conv<i>.<j>.0, .1               encoder.stage<i>.<j>
 *     backbone_3d.conv_out.0, .1                  encoder.output
 *     vfe.pfn_layers.0.linear, .norm              encoder.points.0       linear [out, in]
 *     backbone_2d.blocks.<i>.<1 + 3j>, <2 + 3j>   backbone.block<i>.<j>  after one layer of padding
 *     backbone_2d.deblocks.<i>.0, .1              neck.<i>               transposed, [in, out, kh, kw]
 *     dense_head.conv_cls, conv_box, conv_dir_cls head.cls, head.box, head.dir
 *
 * No number changes, only its place. Both count the head's channels by class, then rotation, then what is predicted; code a
 * box as x, y, z, length, width, height, yaw over the anchor's diagonal; order classes as the configuration does (theirs
 * are trained as Car, Pedestrian, Cyclist, ours too); join height and channels as c·D + d; feed pillars with x, y, z,
 * intensity, offset from the mean, offset from the centre; and split directions at `directionOffset`.
 * @throws RangeError for an encoder that OpenPCDet does not have, or a configuration with a camera
 */
export function openPcdetTensors(config: DetectorConfig): RenamedTensor[] {
  const { encoder, backbone, neck, camera, head } = detectorLayers(config);
  if (encoder.kind === "pointnet" || camera !== undefined) {
    const got = camera === undefined ? `the encoder ${encoder.kind}` : "a camera";
    throw new RangeError(`openPcdetTensors: expected SECOND or PointPillars in ${config.name}, got ${got}`);
  }
  const numbered = (theirs: string, first: number): PublicUnit => ({
    products: `backbone_2d.${theirs}.${first}`,
    norm: `backbone_2d.${theirs}.${first + 1}`,
  });
  return [
    ...encoder.layers.flatMap((unit) => renamedUnit(encoderNames(encoder, unit), unit)),
    ...backbone.flatMap((block, i) =>
      block.flatMap((unit, j) => renamedUnit(numbered(`blocks.${i}`, 1 + 3 * j), unit)),
    ),
    ...neck.flatMap((unit, i) => renamedUnit(numbered(`deblocks.${i}`, 0), unit)),
    ...renamedUnit({ products: "dense_head.conv_cls" }, head.cls),
    ...renamedUnit({ products: "dense_head.conv_box" }, head.box),
    ...renamedUnit({ products: "dense_head.conv_dir_cls" }, head.dir),
  ];
}

function encoderNames({ kind }: EncoderLayers, { name }: Unit): PublicUnit {
  if (kind !== "sparse") return { products: "vfe.pfn_layers.0.linear", norm: "vfe.pfn_layers.0.norm" };
  const theirs = name
    .replace("encoder.input", "backbone_3d.conv_input")
    .replace("encoder.output", "backbone_3d.conv_out")
    .replace("encoder.stage", "backbone_3d.conv");
  return { products: `${theirs}.0`, norm: `${theirs}.1` };
}

/**
 * The configuration as OpenPCDet runs it: directions are split at π/4, and anchors stand from border to border of the range, for
 * PointPillars too.
 */
export function openPcdetConfig(config: DetectorConfig): DetectorConfig {
  const directionOffset = 0.78539;
  return {
    ...config,
    anchors: { ...config.anchors, alignCenter: false },
    loss: { ...config.loss, directionOffset },
    predict: { ...config.predict, directionOffset, directionLimitOffset: 0 },
  };
}

/**
 * Weights of OpenPCDet under our names, for `weightsFromArrays`.
 * @param tensors by OpenPCDet's names, such as `parseSafetensors` gives; step counters are left aside
 * @throws RangeError as {@link openPcdetTensors}; that lists every missing name, every name too many and every other shape
 */
export function weightsFromOpenPcdet(
  tensors: ReadonlyMap<string, PublicTensor>,
  config: DetectorConfig,
): Map<string, NamedArray> {
  return fromPublicNames("weightsFromOpenPcdet", openPcdetTensors(config), { tensors });
}

/**
 * Our weights under OpenPCDet's names and in the layout of spconv 2: the inverse of {@link weightsFromOpenPcdet}.
 * @throws RangeError as {@link openPcdetTensors}, or if an array is missing
 */
export function weightsToOpenPcdet(
  arrays: ReadonlyMap<string, NamedArray>,
  config: DetectorConfig,
): Map<string, NamedArray> {
  return toPublicNames("weightsToOpenPcdet", openPcdetTensors(config), arrays);
}
