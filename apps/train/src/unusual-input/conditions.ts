import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseManifest, simulateFrame } from "kitti-sim";
import { CORRUPTIONS, corruptPoints } from "lidar-augment";
import { type VisibleFrame, visiblePoints } from "../frames/visible-frame.js";
import { randomStream } from "../system/random.js";

/** How a scan has become unusual. */
export interface Condition {
  readonly name: string;
  /** conditions of one kind differ in strength */
  readonly kind: string;
  /** 0 is clean */
  readonly strength: number;
  /** in words */
  readonly amount: string;
  /** the points of a frame as they are then, as a detector is shown them */
  readonly points: (frame: VisibleFrame) => Float32Array;
}

export const CLEAN: Condition = {
  name: "clean",
  kind: "clean",
  strength: 0,
  amount: "",
  points: ({ points }) => points,
};

/** Every corruption of `lidar-augment` in every strength. */
export const corruptedConditions: readonly Condition[] = CORRUPTIONS.flatMap(({ name: kind, amounts, unit }) =>
  amounts.map((size, i): Condition => {
    const name = `${kind} ${i + 1}`;
    const amount = `${size} ${unit}`.trim();
    const points = (frame: VisibleFrame) => {
      const rng = randomStream(0, `${name} of frame ${frame.id}`);
      return corruptPoints(frame.points, { corruption: kind, strength: i + 1, rng });
    };
    return { name, kind, strength: i + 1, amount, points };
  }),
);

/** The same streets seen by other sensors, where the frames are simulated; none else. @param root of the data */
export function sensorConditions(root: string): Condition[] {
  const path = join(root, "kitti-sim.json");
  if (!existsSync(path)) return [];
  const { seed, field, panes } = parseManifest(readFileSync(path, "utf8"), path);
  return ([32, 128] as const).map((beams, i): Condition => {
    const points = ({ id, view }: VisibleFrame) =>
      visiblePoints({ points: simulateFrame({ seed, frame: Number(id), field, beams, panes }).points, view });
    return { name: `${beams} beams`, kind: "sensor", strength: i + 1, amount: `${beams} beams`, points };
  });
}
