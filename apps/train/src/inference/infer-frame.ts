import type { Predictions } from "second-detector";
import type { FrameReader } from "../frames/data-source.js";
import type { Frame } from "../frames/frame.js";
import { networkInput } from "../frames/network-input.js";
import { readVisibleFrame } from "../frames/visible-frame.js";
import { type FrameTimes, startLaps } from "./latency.js";
import { type Detector, predictFrame } from "./predict-frame.js";

/** What was found in one frame, and what is needed to write it down. */
export interface InferredFrame extends Pick<Frame, "id" | "view"> {
  readonly found: Predictions;
  readonly pointsInView: number;
  readonly times: FrameTimes;
}

/**
 * From a frame where it is kept to its boxes, stage by stage. As in training, only points that the camera sees are used.
 * @throws Error naming the file that is missing or wrong
 */
export async function inferFrame(detector: Detector, data: FrameReader, id: string): Promise<InferredFrame> {
  const { lap, times } = startLaps();
  const seen = await readVisibleFrame(data, id, detector.config);
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
  data: FrameReader,
  { ids, warmUp, repeat, onFrame }: InferFramesOptions,
): Promise<InferredFrame[]> {
  for (let i = 0; i < warmUp; i += 1) onFrame(await inferFrame(detector, data, ids[i % ids.length]));
  const inferred: InferredFrame[] = [];
  for (let pass = 0; pass < repeat; pass += 1) {
    for (const id of ids) {
      const frame = await inferFrame(detector, data, id);
      inferred.push(frame);
      onFrame(frame);
    }
  }
  return inferred;
}

export interface InferFramesOptions {
  /** one or more */
  readonly ids: readonly string[];
  readonly warmUp: number;
  readonly repeat: number;
  /** called after each frame, those of the warm-up too */
  readonly onFrame: (frame: InferredFrame) => void;
}
