import type { Predictions } from "second-detector";
import type { FrameReader } from "../frames/data-source.js";
import type { Frame } from "../frames/frame.js";
import { eachFrame, type LeftOut, leftOutOf, readingFrame } from "../frames/frame-fault.js";
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
 * @throws FrameFault naming the file that is missing or wrong
 */
export async function inferFrame(detector: Detector, data: FrameReader, id: string): Promise<InferredFrame> {
  const { lap, times } = startLaps();
  const { seen, input } = await readingFrame(async () => {
    const visible = await readVisibleFrame(data, id, detector.config);
    lap("read");
    return { seen: visible, input: networkInput(visible, detector.config) };
  });
  lap("voxelize");
  const found = await predictFrame(detector, input, lap);
  return { id, found, pointsInView: seen.points.length / 4, view: seen.view, times };
}

/** What came of many frames. */
export interface InferredFrames {
  /** good frames, as the first pass found them */
  readonly inferred: readonly InferredFrame[];
  /** of every good frame in every pass, pass by pass */
  readonly times: readonly FrameTimes[];
  /** frames whose data are at fault */
  readonly leftOut: readonly LeftOut[];
}

/**
 * Many frames, one after the other: first `warmUp` of them (from the beginning, again and again if need be), whose results
 * are thrown away, then all of them `repeat` times over. Frames whose data are at fault are left out of every pass.
 * @throws Error if those are all of them; what `onFrame` throws
 */
export async function inferFrames(
  detector: Detector,
  data: FrameReader,
  { ids, warmUp, repeat, onFrame, onFault }: InferFramesOptions,
): Promise<InferredFrames> {
  const inferred: InferredFrame[] = [];
  const times: FrameTimes[] = [];
  const infer = (pass: number) => async (id: string) => {
    const frame = await inferFrame(detector, data, id);
    if (pass === 1) inferred.push(frame);
    if (pass > 0) times.push(frame.times);
    await onFrame(frame, pass);
  };
  for (let i = 0; i < warmUp; i += 1) await leftOutOf(ids[i % ids.length], infer(0));
  const leftOut = (await eachFrame(ids, infer(1), { onFault })) ?? [];
  const faulty = new Set(leftOut.map(({ id }) => id));
  const good = ids.filter((id) => !faulty.has(id));
  for (let pass = 2; pass <= repeat; pass += 1) for (const id of good) await infer(pass)(id);
  return { inferred, times, leftOut };
}

export interface InferFramesOptions {
  /** one or more */
  readonly ids: readonly string[];
  readonly warmUp: number;
  readonly repeat: number;
  /** called and waited for after each frame; pass 1 and up, 0 to warm up */
  readonly onFrame: (frame: InferredFrame, pass: number) => void | Promise<void>;
  /** told of each frame that is left out */
  readonly onFault?: (frame: LeftOut) => void;
}
