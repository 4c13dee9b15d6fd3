import { type Augmentation, augmentScan, type GlobalTransform, type LabelledScan } from "lidar-augment";
import {
  type CameraFrame,
  collateCameras,
  collateFrames,
  type DetectorBatch,
  type DetectorConfig,
  type EncoderFrame,
  type ImageBounds,
  prepareFrame,
} from "second-detector";
import { cameraFrame, drawImageBounds } from "./camera-frame.js";
import { viewOf } from "./frame.js";
import type { VisibleFrame } from "./visible-frame.js";

/** What the network takes of one frame. */
export interface NetworkInput {
  /** as `prepareFrame` makes them; none is fine */
  readonly voxels: EncoderFrame;
  /** needed by a configuration that has a camera */
  readonly camera?: CameraFrame;
}

/** What the network takes of one frame, and what it shall find there. */
export interface TrainingInput extends NetworkInput {
  /** [m, 7] x, y, z, dx, dy, dz, yaw of the ground truth in range; LiDAR frame */
  readonly boxes: Float64Array;
  /** [m] index into the configuration's classes */
  readonly labels: Int32Array;
}

/** How a frame is changed for one epoch. */
export interface FrameChange {
  readonly chain: Augmentation;
  /** uniform in 0..1: what becomes of the scan */
  readonly rng: () => number;
  /** uniform in 0..1: how large the image is */
  readonly imageRng: () => number;
}

/** Of a frame, what its input is made from. */
type Scanned = Pick<VisibleFrame, "id" | "points" | "view" | "image">;

/**
 * The input of inference and of evaluation.
 * @throws Error naming the frame if the configuration has a camera and the frame has none
 */
export function networkInput(frame: Scanned, config: DetectorConfig): NetworkInput {
  return encode(frame, config, { maxVoxels: config.maxVoxels.test });
}

/**
 * The input of training, and its ground truth: the objects, whatever their difficulty, whose centre lies in the point range,
 * its bounds included.
 * @throws Error as {@link networkInput}
 */
export function trainingInput(frame: VisibleFrame, config: DetectorConfig): TrainingInput {
  const input = encode(frame, config, { maxVoxels: config.maxVoxels.train });
  return { ...input, ...boxesInRange(frame, config) };
}

/**
 * The input of training made of a changed frame, and its ground truth: the objects that the chain's range leaves. An image is
 * mirrored with its scan, and as large as is drawn.
 * @throws Error as {@link networkInput}
 */
export function augmentedInput(
  frame: VisibleFrame,
  config: DetectorConfig,
  { chain, rng, imageRng }: FrameChange,
): TrainingInput {
  const { points, boxes, labels, transform } = augmentScan(frame, chain, rng);
  const size = config.camera && drawImageBounds(config.camera, imageRng);
  const input = encode({ ...frame, points }, config, { maxVoxels: config.maxVoxels.train, size, transform });
  return { ...input, boxes, labels };
}

/**
 * A batch of frames.
 * @throws RangeError if a frame lacks the camera that the configuration has
 */
export function collateInputs(frames: readonly NetworkInput[], config: DetectorConfig): DetectorBatch {
  const voxels = frames.map((frame) => frame.voxels);
  const batch = collateFrames(voxels, config);
  if (config.camera === undefined) return batch;
  const cameras = frames.map(({ camera }) => {
    if (camera === undefined) throw new RangeError(`internal: expected a camera of every frame for ${config.name}`);
    return camera;
  });
  return { ...batch, camera: collateCameras(cameras, config) };
}

interface EncodeOptions {
  readonly maxVoxels: number;
  /** of the image; default: that of inference */
  readonly size?: ImageBounds;
  /** how the scan was changed; default: not at all */
  readonly transform?: GlobalTransform;
}

function encode(frame: Scanned, config: DetectorConfig, { maxVoxels, size, transform }: EncodeOptions): NetworkInput {
  const voxels = prepareFrame(frame.points, config, { maxVoxels });
  if (config.camera === undefined) return { voxels };
  const purpose = `for the camera of ${config.name}`;
  const { calibration } = viewOf(frame, purpose);
  if (frame.image === undefined) throw new Error(`frame ${frame.id}: expected an image ${purpose}, got none`);
  return { voxels, camera: cameraFrame({ image: frame.image, calibration, config: config.camera, size, transform }) };
}

function boxesInRange({ boxes, labels }: LabelledScan, { pointRange }: DetectorConfig) {
  const [x0, y0, z0, x1, y1, z1] = pointRange;
  const rows = Array.from(labels.keys()).filter((row) => {
    const [x, y, z] = boxes.subarray(7 * row, 7 * row + 3);
    return x >= x0 && x <= x1 && y >= y0 && y <= y1 && z >= z0 && z <= z1;
  });
  return {
    boxes: Float64Array.from(rows.flatMap((row) => [...boxes.subarray(7 * row, 7 * row + 7)])),
    labels: Int32Array.from(rows, (row) => labels[row]),
  };
}
