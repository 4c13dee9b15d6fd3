/**
 * One line of a KITTI label or result file: the columns that the metrics read. Objects of `kitti-io` fit as they are.
 * Boxes are in KITTI's own camera frame: metres, x right, y down, z forward; `location` is the centre of the bottom.
 */
export interface EvaluationObject {
  /** Class name; letter case does not matter. Ground truth also has `DontCare` regions. */
  readonly type: string;
  /** Share outside the image, 0..1; not read for detections. */
  readonly truncated: number;
  /** 0 visible, 1 partly, 2 largely occluded, 3 unknown; not read for detections. */
  readonly occluded: number;
  /** Observation angle in radians; exactly -10 in any detection turns orientation similarity off. */
  readonly alpha: number;
  /** Image box in pixels: left, top, right, bottom. */
  readonly bbox: ArrayLike<number>;
  /** Height, width, length in metres; all -1 where the object has no place in space. */
  readonly dimensions: ArrayLike<number>;
  /** x, y, z in metres; all -1000 where the object has no place in space. */
  readonly location: ArrayLike<number>;
  /** Turn about the y axis in radians. */
  readonly rotationY: number;
  /** Confidence, any finite number; needed for detections only. */
  readonly score?: number;
}

/** Refuses objects that the metrics cannot use, naming the first bad field. */
export function checkFrames(
  frames: readonly (readonly EvaluationObject[])[],
  name: "groundTruth" | "detections",
  caller: string,
): void {
  if (!Array.isArray(frames)) {
    throw new TypeError(`${caller}: expected an array of frames for ${name}, got ${describe(frames)}`);
  }
  frames.forEach((frame, f) => {
    if (!Array.isArray(frame)) {
      throw new TypeError(`${caller}: expected an array of objects for ${name}[${f}], got ${describe(frame)}`);
    }
    frame.forEach((object, i) => {
      checkObject(object, name, { caller, where: `${name}[${f}][${i}]` });
    });
  });
}

function checkObject(object: EvaluationObject, name: string, at: { caller: string; where: string }): void {
  if (typeof object?.type !== "string") {
    throw new TypeError(`${at.caller}: expected a class name for ${at.where}.type, got ${describe(object?.type)}`);
  }
  checkNumbers([object.truncated], "truncated", at);
  checkNumbers([object.occluded], "occluded", at);
  checkNumbers([object.alpha], "alpha", at);
  checkNumbers([object.rotationY], "rotationY", at);
  checkVector(object.bbox, 4, "bbox", at);
  checkVector(object.dimensions, 3, "dimensions", at);
  checkVector(object.location, 3, "location", at);
  if (name === "detections") checkNumbers([object.score], "score", at);
}

function checkVector(
  value: ArrayLike<number>,
  length: number,
  field: string,
  at: { caller: string; where: string },
): void {
  if (value?.length !== length) {
    throw new RangeError(
      `${at.caller}: expected ${length} numbers for ${at.where}.${field}, got ${value?.length ?? describe(value)}`,
    );
  }
  checkNumbers(value, field, at);
}

function checkNumbers(
  values: ArrayLike<number | undefined>,
  field: string,
  at: { caller: string; where: string },
): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      const place = values.length > 1 ? `${field}[${i}]` : field;
      throw new RangeError(
        `${at.caller}: expected a finite number for ${at.where}.${place}, got ${describe(values[i])}`,
      );
    }
  }
}

function describe(value: unknown): string {
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
