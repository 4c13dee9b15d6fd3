/** The three classes that the benchmark scores. */
export type EvaluationClass = "car" | "pedestrian" | "cyclist";
/** The three difficulties, each one containing the one before. */
export type Level = "easy" | "moderate" | "hard";
/** What two boxes are compared by: image box, ground rectangle, box in space. */
export type Metric = "2d" | "bev" | "3d";

/** Number of points of a precision curve: recall 0, 1/40, ..., 1. */
export const CURVE_POINTS = 41;

/** Class names in the order of all tables. */
export const EVALUATION_CLASSES: readonly EvaluationClass[] = ["car", "pedestrian", "cyclist"];
/** Level names in the order of all tables. */
export const LEVELS: readonly Level[] = ["easy", "moderate", "hard"];

/** A match needs an overlap greater than this. Strict is the benchmark's own choice. */
export const STRICT_OVERLAP: Readonly<Record<EvaluationClass, number>> = { car: 0.7, pedestrian: 0.5, cyclist: 0.5 };
/** The looser limits that many papers add, on the ground and in space. */
export const LOOSE_OVERLAP: Readonly<Record<EvaluationClass, number>> = { car: 0.5, pedestrian: 0.25, cyclist: 0.25 };

/** Ground truth counts at a level if it is taller than `height` px and not more occluded or truncated than this. */
export interface LevelLimits {
  readonly height: number;
  readonly occluded: number;
  readonly truncated: number;
}

/** What the levels ask for; pixels, codes of occlusion and shares as in label files. */
export const LEVEL_LIMITS: Readonly<Record<Level, LevelLimits>> = {
  easy: { height: 40, occluded: 0, truncated: 0.15 },
  moderate: { height: 25, occluded: 1, truncated: 0.3 },
  hard: { height: 25, occluded: 2, truncated: 0.5 },
};

/** Code of a type that no class looks at (ground truth) or that only counts where it is too low (detections). */
export const OTHER = -1;
/** Added to the index of a class to mark its neighbour class: matched without reward, never missed. */
export const NEIGHBOUR = 3;

/** A map: a record would also know `constructor`, and a label may be any word. */
const CODES: ReadonlyMap<string, number> = new Map([
  ["car", 0],
  ["pedestrian", 1],
  ["cyclist", 2],
  ["van", NEIGHBOUR + 0],
  ["person_sitting", NEIGHBOUR + 1],
]);

/** Index of the class in {@link EVALUATION_CLASSES}, the same plus {@link NEIGHBOUR}, or {@link OTHER}. */
export function classCode(type: string): number {
  return CODES.get(type.toLowerCase()) ?? OTHER;
}

export function isDontCare(type: string): boolean {
  return type.toLowerCase() === "dontcare";
}
