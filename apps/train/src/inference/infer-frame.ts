import type { Predictions } from "second-detector";
import type { FrameReader } from "../frames/data-source.js";
import { cameraOf, type Frame } from "../frames/frame.js";
import { type FrameDoubts, frameDoubts } from "../frames/frame-doubts.js";
import { type EachFrameOptions, eachFrame, type LeftOut, leftOutOf, readingFrame } from "../frames/frame-fault.js";
import { networkInput } from "../frames/network-input.js";
import { visibleFrame } from "../frames/visible-frame.js";
import { letSignalsIn } from "../system/stop-signal.js";
import { type FrameTimes, startLaps } from "./latency.js";
import { type Lift, lifted, lowered, metresOf, roadDoubt } from "./lift.js";
import { type Detector, predictFrame } from "./predict-frame.js";

/** What was found in one frame, and what is needed to write it down. */
export interface InferredFrame extends Pick<Frame, "id" | "view">, FrameDoubts {
  readonly found: Predictions;
  readonly pointsInView: number;
  readonly times: FrameTimes;
}

/** How a frame is looked at. */
export interface InferFrameOptions {
  /** whether its numbers are looked at for doubts, which takes some milliseconds beside the stages; default true */
  readonly judged?: boolean;
  /** how far up its points are moved before, and the boxes down again; default 0 */
  readonly lift?: Lift;
  /** whether the road has to lie where published weights learnt it, or else is a doubt; default false */
  readonly roadIsKnown?: boolean;
}

/**
 * From a frame where it is kept to its boxes, stage by stage. As in training, only points that the camera sees are used.
 * @throws FrameFault naming the file that is missing or wrong
 */
export async function inferFrame(
  detector: Detector,
  data: FrameReader,
  id: string,
  { judged = true, lift = 0, roadIsKnown = false }: InferFrameOptions = {},
): Promise<InferredFrame> {
  const { lap, times } = startLaps();
  const { config } = detector;
  const { frame, seen, metres, input } = await readingFrame(async () => {
    const image = config.camera && (await data.readImage(id));
    const read = await data.read(id);
    const visible = { ...visibleFrame(read, config), image };
    const up = metresOf(lift, read.points);
    lap("read");
    const raised = { ...visible, points: lifted(visible.points, up) };
    return { frame: read, seen: visible, metres: up, input: networkInput(raised, config) };
  });
  lap("voxelize");
  const found = lowered(await predictFrame(detector, input, lap), metres);
  const told = { doubts: judged ? doubtsOf(frame, roadIsKnown && metres === 0) : undefined, dropped: frame.dropped };
  return { id, found, pointsInView: seen.points.length / 4, view: cameraOf(frame), times, ...told };
}

function doubtsOf(frame: Frame, roadIsKnown: boolean): string[] {
  const doubt = roadIsKnown ? roadDoubt(frame.points) : undefined;
  return doubt === undefined ? frameDoubts(frame) : [...frameDoubts(frame), doubt];
}

/** What came of many frames. */
export interface InferredFrames {
  /** good frames, as the first pass found them */
  readonly inferred: readonly InferredFrame[];
  /** of every good frame in every pass, pass by pass */
  readonly times: readonly FrameTimes[];
  /** frames whose data are at fault */
  readonly leftOut: readonly LeftOut[];
  /** whether it was asked to stop before the last frame */
  readonly stopped: boolean;
}

/**
 * Many frames, one after the other: first `warmUp` of them (from the beginning, again and again if need be), whose results
 * are thrown away, then all of them `repeat` times over. Frames whose data are at fault are left out of every pass. Asked to stop,
 * it ends after the frame at hand, with what was found by then.
 * @throws Error if those are all of them, or with `strict` one of them is; what `onFrame` throws
 */
export async function inferFrames(
  detector: Detector,
  data: FrameReader,
  { ids, warmUp, repeat, lift, roadIsKnown, onFrame, onFault = () => {}, stop, strict }: InferFramesOptions,
): Promise<InferredFrames> {
  const inferred: InferredFrame[] = [];
  const times: FrameTimes[] = [];
  const infer = (pass: number) => async (id: string) => {
    const frame = await inferFrame(detector, data, id, { judged: pass === 1, lift, roadIsKnown });
    if (pass === 1) inferred.push(frame);
    if (pass > 0) times.push(frame.times);
    await onFrame(frame, pass);
  };
  const leftOut: LeftOut[] = [];
  const note = (frame: LeftOut) => {
    leftOut.push(frame);
    onFault(frame);
  };
  const goesOn = async () => {
    await letSignalsIn();
    return !stop?.requested;
  };
  for (let i = 0; i < warmUp && (await goesOn()); i += 1) await leftOutOf(ids[i % ids.length], infer(0));
  let stopped = (await eachFrame(ids, infer(1), { onFault: note, stop, strict })) === undefined;
  const good = inferred.map(({ id }) => id);
  for (let pass = 2; pass <= repeat && !stopped; pass += 1) {
    for (const id of good) {
      stopped ||= !(await goesOn());
      if (!stopped) await infer(pass)(id);
    }
  }
  return { inferred, times, leftOut, stopped };
}

export interface InferFramesOptions extends EachFrameOptions, Omit<InferFrameOptions, "judged"> {
  /** one or more */
  readonly ids: readonly string[];
  readonly warmUp: number;
  readonly repeat: number;
  /** called and waited for after each frame; pass 1 and up, 0 to warm up */
  readonly onFrame: (frame: InferredFrame, pass: number) => void | Promise<void>;
}
