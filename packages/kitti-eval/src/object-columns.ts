import type { EvaluationObject } from "./evaluation-object.js";
import { classCode, isDontCare, LEVEL_LIMITS, type Level, NEIGHBOUR, OTHER } from "./rules.js";

/**
 * Objects of all frames end to end, a column for each number that the metrics read: a million detections in some 100 MB.
 * Those of frame f are `frameStarts[f]` up to `frameStarts[f + 1]`. Metres, pixels and radians, camera frame.
 */
export interface ObjectColumns {
  readonly count: number;
  readonly frameStarts: Int32Array;
  /** [count] class codes, see `classCode` */
  readonly classes: Int8Array;
  /** [count, 4] left, top, right, bottom */
  readonly boxes: Float64Array;
  /** [count, 3] height, width, length */
  readonly dimensions: Float64Array;
  /** [count, 3] x, y, z of the centre of the bottom */
  readonly locations: Float64Array;
  /** [count] */
  readonly rotations: Float64Array;
  /** [count] */
  readonly alphas: Float64Array;
  /** [count] for ground truth, else empty */
  readonly truncations: Float64Array;
  /** [count] for ground truth, else empty */
  readonly occlusions: Float64Array;
  /** [count] for detections, else empty */
  readonly scores: Float64Array;
}

/** Ground truth as the metrics look at it. */
export interface GroundTruthColumns {
  /** what some class looks at */
  readonly objects: ObjectColumns;
  /** the DontCare regions */
  readonly regions: ObjectColumns;
}

/** Takes ground truth frame by frame; nothing of a frame is kept but its numbers. */
export class GroundTruthBuilder {
  readonly #objects = new ColumnsBuilder("ground truth");
  readonly #regions = new ColumnsBuilder("ground truth");

  addFrame(frame: readonly EvaluationObject[]): void {
    this.#objects.addFrame(frame.filter(({ type }) => classCode(type) !== OTHER));
    this.#regions.addFrame(frame.filter(({ type }) => isDontCare(type)));
  }

  columns(): GroundTruthColumns {
    return { objects: this.#objects.columns(), regions: this.#regions.columns() };
  }
}

/** Takes detections frame by frame, all of them: one too low for a level is looked at by all classes. */
export class DetectionBuilder {
  readonly #detections = new ColumnsBuilder("detections");

  addFrame(frame: readonly EvaluationObject[]): void {
    this.#detections.addFrame(frame);
  }

  columns(): ObjectColumns {
    return this.#detections.columns();
  }
}

class ColumnsBuilder {
  readonly #kind: "ground truth" | "detections";
  readonly #frameStarts = new GrowingColumn(Int32Array);
  readonly #classes = new GrowingColumn(Int8Array);
  readonly #boxes = new GrowingColumn(Float64Array);
  readonly #dimensions = new GrowingColumn(Float64Array);
  readonly #locations = new GrowingColumn(Float64Array);
  readonly #rotations = new GrowingColumn(Float64Array);
  readonly #alphas = new GrowingColumn(Float64Array);
  readonly #truncations = new GrowingColumn(Float64Array);
  readonly #occlusions = new GrowingColumn(Float64Array);
  readonly #scores = new GrowingColumn(Float64Array);

  constructor(kind: "ground truth" | "detections") {
    this.#kind = kind;
    this.#frameStarts.push(0);
  }

  addFrame(frame: readonly EvaluationObject[]): void {
    for (const object of frame) {
      const { type, bbox, dimensions, location, rotationY, alpha, truncated, occluded, score } = object;
      this.#classes.push(classCode(type));
      for (let i = 0; i < 4; i++) this.#boxes.push(bbox[i]);
      for (let i = 0; i < 3; i++) this.#dimensions.push(dimensions[i]);
      for (let i = 0; i < 3; i++) this.#locations.push(location[i]);
      this.#rotations.push(rotationY);
      this.#alphas.push(alpha);
      if (this.#kind === "detections") {
        this.#scores.push(score!);
      } else {
        this.#truncations.push(truncated);
        this.#occlusions.push(occluded);
      }
    }
    this.#frameStarts.push(this.#classes.length);
  }

  columns(): ObjectColumns {
    return {
      count: this.#classes.length,
      frameStarts: this.#frameStarts.values(),
      classes: this.#classes.values(),
      boxes: this.#boxes.values(),
      dimensions: this.#dimensions.values(),
      locations: this.#locations.values(),
      rotations: this.#rotations.values(),
      alphas: this.#alphas.values(),
      truncations: this.#truncations.values(),
      occlusions: this.#occlusions.values(),
      scores: this.#scores.values(),
    };
  }
}

type Column = Int8Array | Int32Array | Float64Array;

/** A typed array that grows by a half when it is full. */
export class GrowingColumn<T extends Column> {
  #values: T;
  #length = 0;
  readonly #kind: new (
    length: number,
  ) => T;

  constructor(kind: new (length: number) => T) {
    this.#kind = kind;
    this.#values = new kind(16);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new this.#kind(this.#length + (this.#length >> 1));
      larger.set(this.#values as never);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  /** What was pushed, without a copy. */
  values(): T {
    return this.#values.subarray(0, this.#length) as T;
  }
}

/** A perfect detector's answer: every object of the three classes, those of a neighbour class as their class, score 1. */
export function perfectColumns({ objects }: GroundTruthColumns): ObjectColumns {
  return {
    ...objects,
    classes: objects.classes.map((code) => code % NEIGHBOUR),
    scores: new Float64Array(objects.count).fill(1),
  };
}

/** Counts: a ground truth that must be found, a detection that is right or wrong. */
export const VALID = 0;
/** May be matched, and then counts as nothing. */
export const IGNORED = 1;
/** Not there at all for this class. */
export const ABSENT = -1;

/** What one class at one level makes of every object: VALID, IGNORED or ABSENT. */
export interface ClassView {
  /** [ground truths] */
  readonly groundTruthStates: Int8Array;
  /** [detections] */
  readonly detectionStates: Int8Array;
  /** Number of valid ground truths. */
  readonly objectCount: number;
}

export function classView(
  groundTruth: ObjectColumns,
  detections: ObjectColumns,
  { classIndex, level }: { readonly classIndex: number; readonly level: Level },
): ClassView {
  const limits = LEVEL_LIMITS[level];
  const groundTruthStates = new Int8Array(groundTruth.count).fill(ABSENT);
  let objectCount = 0;
  for (let g = 0; g < groundTruthStates.length; g++) {
    const code = groundTruth.classes[g];
    if (code === classIndex + NEIGHBOUR) groundTruthStates[g] = IGNORED;
    if (code !== classIndex) continue;
    const height = groundTruth.boxes[4 * g + 3] - groundTruth.boxes[4 * g + 1];
    const hidden = groundTruth.occlusions[g] > limits.occluded || groundTruth.truncations[g] > limits.truncated;
    const tooHard = height <= limits.height || hidden;
    groundTruthStates[g] = tooHard ? IGNORED : VALID;
    if (!tooHard) objectCount++;
  }
  const detectionStates = new Int8Array(detections.count).fill(ABSENT);
  for (let d = 0; d < detectionStates.length; d++) {
    // too low comes first: such a detection is ignored whatever its class
    if (Math.abs(detections.boxes[4 * d + 1] - detections.boxes[4 * d + 3]) < limits.height) {
      detectionStates[d] = IGNORED;
    } else if (detections.classes[d] === classIndex) {
      detectionStates[d] = VALID;
    }
  }
  return { groundTruthStates, detectionStates, objectCount };
}
