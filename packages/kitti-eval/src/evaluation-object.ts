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
      const fault = faultOf(object, name === "detections");
      if (fault === undefined) return;
      const message = `${caller}: expected ${fault.expected} for ${name}[${f}][${i}].${fault.field}, got ${fault.got}`;
      throw fault.field === "type" ? new TypeError(message) : new RangeError(message);
    });
  });
}

interface Fault {
  readonly field: string;
  readonly expected: string;
  readonly got: string;
}

function faultOf(object: EvaluationObject, scored: boolean): Fault | undefined {
  if (typeof object?.type !== "string") {
    return { field: "type", expected: "a class name", got: describe(object?.type) };
  }
  return (
    numberFault(object.truncated, "truncated") ??
    numberFault(object.occluded, "occluded") ??
    numberFault(object.alpha, "alpha") ??
    numberFault(object.rotationY, "rotationY") ??
    vectorFault(object.bbox, 4, "bbox") ??
    vectorFault(object.dimensions, 3, "dimensions") ??
    vectorFault(object.location, 3, "location") ??
    (scored ? numberFault(object.score, "score") : undefined)
  );
}

function vectorFault(values: ArrayLike<number>, length: number, field: string): Fault | undefined {
  if (values?.length !== length) {
    return { field, expected: `${length} numbers`, got: String(values?.length ?? describe(values)) };
  }
  for (let i = 0; i < length; i++) {
    if (!Number.isFinite(values[i])) return numberFault(values[i], `${field}[${i}]`);
  }
  return undefined;
}

function numberFault(value: number | undefined, field: string): Fault | undefined {
  return Number.isFinite(value) ? undefined : { field, expected: "a finite number", got: describe(value) };
}

function describe(value: unknown): string {
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
