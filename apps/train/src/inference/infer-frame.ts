import { type FrameFiles, readCalibration, readImageSize, readScan } from "kitti-io";
import type { Predictions } from "second-detector";
import { readCameraImage } from "../frames/camera-frame.js";
import type { Frame } from "../frames/frame.js";
import { frameFromKitti } from "../frames/kitti-frame.js";
import { networkInput } from "../frames/network-input.js";
import { visibleFrame } from "../frames/visible-frame.js";
import { type FrameTimes, startLaps } from "./latency.js";
import { type Detector, predictFrame } from "./predict-frame.js";

/** What was found in one frame, and what is needed to write it down. */
export interface InferredFrame extends Pick<Frame, "id" | "view"> {
  readonly found: Predictions;
  readonly pointsInView: number;
  readonly times: FrameTimes;
}

/**
 * From the files of a frame to its boxes, stage by stage. As in training, only points that the camera sees are used; a
 * frame without its image is taken to have the usual size. Labels are not read.
 * @throws Error naming the file that is missing or wrong
 */
export async function inferFrame(detector: Detector, files: FrameFiles): Promise<InferredFrame> {
  const { lap, times } = startLaps();
  const { id } = files;
  const calibration = await readCalibration(files.calibration);
  const imageSize = files.image === undefined ? undefined : await readImageSize(files.image);
  const image = await readCameraImage(files, detector.config);
  const frame = frameFromKitti({ id, points: await readScan(files.scan), calibration, imageSize });
  const seen = { ...visibleFrame(frame, detector.config), image };
  lap("read");
  const input = networkInput(seen, detector.config);
  lap("voxelize");
  const found = await predictFrame(detector, input, lap);
  return { id, found, pointsInView: seen.points.length / 4, view: seen.view, times };
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
