import type { KittiObject } from "./labels.js";

/** The benchmark's levels; "none" is an object that counts at no level. */
export type Difficulty = "easy" | "moderate" | "hard" | "none";

const LEVELS = [
  { name: "easy", height: 40, occluded: 0, truncated: 0.15 },
  { name: "moderate", height: 25, occluded: 1, truncated: 0.3 },
  { name: "hard", height: 25, occluded: 2, truncated: 0.5 },
] as const;

/**
 * The easiest level at which the benchmark counts a labelled object: the height of its 2D box in pixels is greater
 * than 40, 25, 25, its occlusion at most 0, 1, 2 and its truncation at most 0.15, 0.30, 0.50. DontCare counts at none.
 * Each level contains the easier ones.
 */
export function difficultyOf(object: Pick<KittiObject, "type" | "bbox" | "occluded" | "truncated">): Difficulty {
  if (object.type === "DontCare") return "none";
  const height = object.bbox[3] - object.bbox[1];
  const level = LEVELS.find(
    (limit) => height > limit.height && object.occluded <= limit.occluded && object.truncated <= limit.truncated,
  );
  return level?.name ?? "none";
}
