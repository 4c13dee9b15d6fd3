import type { Calibration, Difficulty, ImageSize, KittiObject } from "kitti-io";

/** One frame as a data set holds it: the whole scan, and everything that is labelled in it. */
export interface Frame {
  readonly id: string;
  /** [n, 4] x forward, y left, z up, metres, LiDAR frame; intensity */
  readonly points: Float32Array;
  /** Absent where nothing says what is in the scan; empty where that is: nothing. */
  readonly objects?: readonly FrameObject[];
  /** What the camera looks at. Absent where there is no camera. */
  readonly view?: CameraView;
  /** The whole scan counts, whatever a camera sees of it. Without a camera it does anyway. */
  readonly allRound?: boolean;
  /** The file says nothing of intensity: that of every point is 0. */
  readonly withoutIntensity?: boolean;
  /** Points that were left out of the scan because a number of theirs is not finite. */
  readonly dropped?: number;
  /** The lines of a KITTI label file, regions to ignore among them: what the official metrics judge by. */
  readonly kittiLabels?: readonly KittiObject[];
}

/** A labelled object, or a detection. */
export interface FrameObject {
  /** name of its class */
  readonly type: string;
  /** [7] x, y, z of the centre, dx, dy, dz, yaw; LiDAR frame, metres, radians */
  readonly box: Float64Array;
  /** KITTI's level of a label, where there are such levels */
  readonly difficulty?: Difficulty;
  /** confidence of a detection */
  readonly score?: number;
}

/** Where points fall in the image, and how large that is. */
export interface CameraView {
  readonly calibration: Calibration;
  readonly imageSize: ImageSize;
}

/**
 * The camera of a frame.
 * @param purpose what it is needed for
 * @throws Error naming the frame if it has none
 */
export function viewOf({ id, view }: Pick<Frame, "id" | "view">, purpose: string): CameraView {
  if (view !== undefined) return view;
  throw new Error(`frame ${id}: expected a camera's calibration ${purpose}, got a scan without one`);
}

/** The camera that a frame is seen and judged through: none where the whole scan counts. */
export function cameraOf({ view, allRound }: Pick<Frame, "view" | "allRound">): CameraView | undefined {
  return allRound ? undefined : view;
}

/** What a name of a file must not have, on some system or other, and what stands for it. */
const UNFIT = /[%/\\:*?"<>|\p{Cc}]/gu;

/**
 * What a file that belongs to a frame is called, but for its ending: the id, made fit for a file. Letters of every script stay as they are:
 * written as %E4%B8%AD each would take nine of the 255 bytes that a name may have.
 */
export function fileNameOf(id: string): string {
  return id.replace(UNFIT, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}
