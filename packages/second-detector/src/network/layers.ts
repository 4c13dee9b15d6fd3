import { type CameraLayers, cameraLayers } from "../camera/camera-layers.js";
import type { BackboneConfig, DetectorConfig } from "../config/detector-config.js";
import { type EncoderLayers, encoderLayers, encoderOutputShape } from "./encoder-layers.js";

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
  readonly encoder: EncoderLayers;
  /** Layers of block i; the outputs of one block share one shape. */
  readonly backbone: readonly (readonly DenseLayer[])[];
  /** One transposed convolution per block, kernel = stride. */
  readonly neck: readonly DenseLayer[];
  /** Where images are fused with the neck's map, whose channels the result keeps. */
  readonly camera?: CameraLayers | undefined;
  readonly head: { readonly cls: HeadLayer; readonly box: HeadLayer; readonly dir: HeadLayer };
}

const BOX_CODE_SIZE = 7;
const DIRECTION_BINS = 2;

/**
 * The layers that a configuration describes: an encoder, then the `SECOND` backbone and `SECONDFPN` neck of MMDetection3D.
 * The first channel count of the backbone is that of the encoder times the height of its output.
 *
 * @throws RangeError if the grid is too small for the strides
 */
export function detectorLayers(config: DetectorConfig): DetectorLayers {
  const encoder = encoderLayers(config);
  const mapChannels = encoder.layers[encoder.layers.length - 1].outChannels * encoderOutputShape(config)[0];
  const backbone = backboneLayers(config.backbone, mapChannels);
  const neckChannels = config.neck.channels.reduce((sum, channels) => sum + channels, 0);
  const camera = config.camera && cameraLayers(config.camera, neckChannels);
  const anchorsPerCell = config.classes.length * config.anchors.rotations.length;
  const headLayer = (name: string, perAnchor: number): HeadLayer => ({
    name: `head.${name}`,
    inChannels: neckChannels,
    outChannels: anchorsPerCell * perAnchor,
  });
  const head = {
    cls: headLayer("cls", config.classes.length),
    box: headLayer("box", BOX_CODE_SIZE),
    dir: headLayer("dir", DIRECTION_BINS),
  };
  return { encoder, backbone, neck: neckLayers(config), camera, head };
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
