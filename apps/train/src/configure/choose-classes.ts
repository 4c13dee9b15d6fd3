import type { DetectorConfig } from "second-detector";
import { quantile, rounded } from "./quantile.js";
import type { Survey, SurveyedObject } from "./survey.js";

/** A class that is proposed, or left out. */
export interface ClassGroup {
  readonly name: string;
  /** names that labels have for it */
  readonly labels: readonly string[];
  /** all that are labelled */
  readonly labelled: number;
  /** those with enough points */
  readonly seen: readonly SurveyedObject[];
}

/** The classes of a detector to be, and those that it shall not know. */
export interface ClassChoice {
  readonly chosen: readonly ClassGroup[];
  readonly leftOut: readonly ClassGroup[];
}

/** Points that an object needs to teach anything. */
export const FEW_POINTS = 5;
/** Objects of a class that is proposed unasked, unless all have fewer. */
export const FEW_OBJECTS = 3;
/** Frames that have one of them together. */
export const RARE = 20;
/** An object is long, as a car is, from here on, metres. */
const LONG = 3;

/**
 * Classes with enough objects that a scan shows, or those that are asked for; the most frequent first.
 * @throws Error if nothing is labelled that a scan shows, or a class that is asked for is not there
 */
export function chooseClasses({ objects, frames }: Survey, asked: readonly string[] | undefined): ClassChoice {
  const groups = groupsOf(objects);
  if (groups.every(({ seen }) => seen.length === 0)) {
    throw new Error(
      `expected labelled objects with ${FEW_POINTS} points or more, found none among ${objects.length} objects; ` +
        "labels have to be in metres, in the frame of the scans",
    );
  }
  const chosen = asked === undefined ? frequent(groups, frames) : asked.map((name) => groupNamed(groups, name));
  return { chosen, leftOut: groups.filter((group) => !chosen.includes(group)) };
}

/** By class, whatever the case of its letters; its name is that of its first object. */
function groupsOf(objects: readonly SurveyedObject[]): ClassGroup[] {
  const byName = new Map<string, SurveyedObject[]>();
  for (const object of objects) {
    const key = object.type.toLowerCase();
    byName.set(key, [...(byName.get(key) ?? []), object]);
  }
  return [...byName.values()]
    .map((members) => ({
      name: members[0].type,
      labels: [...new Set(members.map(({ label }) => label))],
      labelled: members.length,
      seen: members.filter(({ points }) => points >= FEW_POINTS),
    }))
    .sort((a, b) => b.seen.length - a.seen.length || b.labelled - a.labelled);
}

function frequent(groups: readonly ClassGroup[], frames: number): ClassGroup[] {
  const enough = Math.max(FEW_OBJECTS, frames / RARE);
  const found = groups.filter(({ seen }) => seen.length >= enough);
  return found.length > 0 ? found : groups.filter(({ seen }) => seen.length > 0);
}

function groupNamed(groups: readonly ClassGroup[], name: string): ClassGroup {
  const found = groups.find((group) => group.name.toLowerCase() === name.toLowerCase());
  if (found !== undefined && found.seen.length > 0) return found;
  const there = groups.map(({ name: other, seen }) => `${seen.length} ${other}`).join(", ");
  throw new Error(
    `--classes: expected classes of objects with ${FEW_POINTS} points or more, got ${name}; found ${there}`,
  );
}

/** The box that a detector begins from: medians of the objects. Long ones need more overlap, as KITTI's cars do. */
export function anchorOf({ name, seen }: ClassGroup): DetectorConfig["classes"][number] {
  const median = (of: (box: Float64Array) => number) =>
    rounded(
      quantile(
        seen.map(({ box }) => of(box)),
        0.5,
      ),
    );
  const [length, width, height] = [3, 4, 5].map((axis) => median((box) => box[axis]));
  const anchorBottom = median((box) => box[2] - box[5] / 2);
  const overlaps = length >= LONG ? { positiveIou: 0.6, negativeIou: 0.45 } : { positiveIou: 0.35, negativeIou: 0.2 };
  return { name, anchorSize: [length, width, height], anchorBottom, ...overlaps };
}
