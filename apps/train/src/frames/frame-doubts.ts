import { type Calibration, lidarToCamera } from "kitti-io";
import { doubtsOf } from "point-cloud-io";
import { counted } from "../system/counted.js";
import { cameraOf, type Frame } from "./frame.js";

/** What is doubtful in a frame that is used all the same. */
export interface FrameDoubts {
  readonly id: string;
  /** a sentence each */
  readonly doubts?: readonly string[] | undefined;
  /** points that were left out because a number of theirs is not finite */
  readonly dropped?: number | undefined;
}

const COLUMNS = ["x", "y", "z", "intensity"];
/** Cosine of the angle between z of the scan and up in the camera, below which one of them is not what it claims to be. */
const LEAST_UPRIGHT = 0.5;

/**
 * What makes a frame doubtful as what it claims to be, a sentence each: the numbers of its scan, and a camera in which z is not
 * up. Doubts are no faults: an odd frame may be right.
 * @param options intensity: of what scale it is, is known or still to be found out: no doubt
 */
export function frameDoubts(
  frame: Pick<Frame, "points" | "view" | "allRound">,
  { intensity = "shares" }: { readonly intensity?: "shares" | "any" } = {},
): string[] {
  const camera = cameraOf(frame);
  const columns = intensity === "shares" ? COLUMNS : COLUMNS.with(3, "reflectance");
  const doubts = doubtsOf({ points: frame.points, columns });
  return camera === undefined ? doubts : [...doubts, ...tilted(camera.calibration)];
}

/** KITTI's camera has y down. */
function tilted(calibration: Calibration): string[] {
  const up = [2, 6, 10].map((at) => lidarToCamera(calibration)[at]);
  if (-up[1] >= LEAST_UPRIGHT) return [];
  const there = up.map((value) => Number(value.toFixed(2))).join(", ");
  return [`z of the scan is not up in the camera but (${there}), where y is down: a calibration of another sensor?`];
}

/**
 * Doubts of many frames as lines for people: one for each kind of doubt, with the first frame's words and how many have it; how many
 * points were dropped; and what may be done.
 * @param advice the last of these; default: that the recipe says how files are read
 */
export function doubtLines(frames: readonly FrameDoubts[], advice = ADVICE): string[] {
  const kinds = new Map<string, { readonly first: FrameDoubts; readonly doubt: string; count: number }>();
  for (const frame of frames) {
    for (const doubt of frame.doubts ?? []) {
      const kind = doubt.replace(/[\d.e+-]+/g, "#");
      const found = kinds.get(kind);
      if (found === undefined) kinds.set(kind, { first: frame, doubt, count: 1 });
      else found.count += 1;
    }
  }
  const lines = [...kinds.values()].map(({ first, doubt, count }) => {
    const others = count === 1 ? "" : ` and ${count - 1} more`;
    return `doubtful, frame ${first.id}${others}: ${doubt}`;
  });
  if (lines.length > 0) lines.push(advice);
  const dropped = frames.reduce((sum, frame) => sum + (frame.dropped ?? 0), 0);
  if (dropped > 0)
    lines.push(
      `${counted(dropped, "point is", "points are")} left out: a number of ${dropped === 1 ? "its" : "theirs"} is not finite`,
    );
  return lines;
}

const ADVICE =
  "how files are to be read stands in the recipe's `data` (columns, intensityMaximum, view); `eloss configure` writes one for a data set";
