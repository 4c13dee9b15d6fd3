import {
  type Calibration,
  cropToCameraView,
  type FrameFiles,
  type ImageSize,
  readCalibration,
  readImageSize,
  readScan,
} from "kitti-io";
import { type Predictions, prepareFrame } from "second-detector";
import { cameraFrame, readCameraImage } from "../frames/camera-frame.js";
import { USUAL_IMAGE_SIZE } from "../frames/training-frames.js";
import { type FrameTimes, startLaps } from "./latency.js";
import { type Detector, predictFrame } from "./predict-frame.js";

/** What was found in one frame, and what is needed to write it down. */
export interface InferredFrame {
  readonly id: string;
  readonly found: Predictions;
  readonly pointsInView: number;
  readonly calibration: Calibration;
  readonly imageSize: ImageSize;
  readonly times: FrameTimes;
}

/**
 * From the files of a frame to its boxes, stage by stage. As in training, only points that the camera sees are used; a
 * frame without its image is taken to have the usual size. Labels are not read.
 * @throws Error naming the file that is missing or wrong
 */
export async function inferFrame(detector: Detector, files: FrameFiles): Promise<InferredFrame> {
  const { lap, times } = startLaps();
  const calibration = await readCalibration(files.calibration);
  const imageSize = files.image === undefined ? USUAL_IMAGE_SIZE : await readImageSize(files.image);
  const image = await readCameraImage(files, detector.config);
  const points = cropToCameraView(await readScan(files.scan), calibration, imageSize);
  lap("read");
  const voxels = prepareFrame(points, detector.config);
  const camera = image && cameraFrame({ image, calibration, config: detector.config.camera! });
  lap("voxelize");
  const found = await predictFrame(detector, { voxels, camera }, lap);
  return { id: files.id, found, pointsInView: points.length / 4, calibration, imageSize, times };
}

/**
 * Many frames, one after the other: first `warmUp` of them (from the beginning, again and again if need be), whose results
 * are thrown away, then all of them `repeat` times over.
 * @returns one entry per frame and pass, pass by pass
 */
export async function inferFrames(
  detector: Detector,
  frames: readonly FrameFiles[],
  { warmUp, repeat, onFrame }: InferFramesOptions,
): Promise<InferredFrame[]> {
  for (let i = 0; i < warmUp; i += 1) onFrame(await inferFrame(detector, frames[i % frames.length]));
  const inferred: InferredFrame[] = [];
  for (let pass = 0; pass < repeat; pass += 1) {
    for (const files of frames) {
      const frame = await inferFrame(detector, files);
      inferred.push(frame);
      onFrame(frame);
    }
  }
  return inferred;
}

export interface InferFramesOptions {
  readonly warmUp: number;
  readonly repeat: number;
  /** called after each frame, those of the warm-up too */
  readonly onFrame: (frame: InferredFrame) => void;
}
