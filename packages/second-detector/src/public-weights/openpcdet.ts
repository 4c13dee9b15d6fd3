import type { DetectorConfig } from "../config/detector-config.js";
import type { EncoderLayers } from "../network/encoder-layers.js";
import { detectorLayers } from "../network/layers.js";
import type { NamedArray } from "../weights.js";
import {
  CONVOLUTION,
  fromPublicNames,
  LINEAR,
  type RenamedTensor,
  renamedNorm,
  toPublicNames,
  VECTOR,
} from "./renamed-tensors.js";

/** spconv 2 stores [out, kz, ky, kx, in]; spconv 1, which made the older files, [kz, ky, kx, in, out], as we do. */
const SPARSE_KERNEL = [
  [1, 2, 3, 4, 0],
  [0, 1, 2, 3, 4],
];

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
  return [
    ...renamedEncoder(encoder),
    ...backbone.flatMap((block, i) =>
      block.flatMap(({ name, kernel, inChannels, outChannels }, j) => [
        {
          theirs: `backbone_2d.blocks.${i}.${1 + 3 * j}.weight`,
          ours: `${name}.weight`,
          shape: [kernel, kernel, inChannels, outChannels],
          axes: CONVOLUTION,
        },
        ...renamedNorm(`backbone_2d.blocks.${i}.${2 + 3 * j}`, name, outChannels),
      ]),
    ),
    ...neck.flatMap(({ name, kernel, inChannels, outChannels }, i) => [
      {
        theirs: `backbone_2d.deblocks.${i}.0.weight`,
        ours: `${name}.weight`,
        shape: [kernel, kernel, outChannels, inChannels],
        axes: CONVOLUTION,
      },
      ...renamedNorm(`backbone_2d.deblocks.${i}.1`, name, outChannels),
    ]),
    ...Object.entries({ conv_cls: head.cls, conv_box: head.box, conv_dir_cls: head.dir }).flatMap(
      ([theirs, { name, inChannels, outChannels }]) => [
        {
          theirs: `dense_head.${theirs}.weight`,
          ours: `${name}.weight`,
          shape: [1, 1, inChannels, outChannels],
          axes: CONVOLUTION,
        },
        { theirs: `dense_head.${theirs}.bias`, ours: `${name}.bias`, shape: [outChannels], axes: VECTOR },
      ],
    ),
  ];
}

function renamedEncoder(encoder: EncoderLayers): RenamedTensor[] {
  if (encoder.kind !== "sparse") {
    return encoder.layers.flatMap(({ name, inChannels, outChannels }) => [
      {
        theirs: "vfe.pfn_layers.0.linear.weight",
        ours: `${name}.weight`,
        shape: [inChannels, outChannels],
        axes: LINEAR,
      },
      ...renamedNorm("vfe.pfn_layers.0.norm", name, outChannels),
    ]);
  }
  return encoder.layers.flatMap(({ name, kernel, inChannels, outChannels }) => {
    const theirs = name
      .replace("encoder.input", "backbone_3d.conv_input")
      .replace("encoder.output", "backbone_3d.conv_out")
      .replace("encoder.stage", "backbone_3d.conv");
    const shape = [...kernel, inChannels, outChannels];
    return [
      { theirs: `${theirs}.0.weight`, ours: `${name}.weight`, shape, axes: SPARSE_KERNEL },
      ...renamedNorm(`${theirs}.1`, name, outChannels),
    ];
  });
}

/**
 * Weights of OpenPCDet under our names, for `weightsFromArrays`.
 * @param arrays by OpenPCDet's names, float32; step counters are left aside
 * @throws RangeError as {@link openPcdetTensors}; that lists every missing name, every name too many and every other shape
 */
export function weightsFromOpenPcdet(
  arrays: ReadonlyMap<string, NamedArray>,
  config: DetectorConfig,
): Map<string, NamedArray> {
  return fromPublicNames("weightsFromOpenPcdet", openPcdetTensors(config), { arrays });
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
