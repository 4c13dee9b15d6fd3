import { GrowingColumn } from "../object-columns.js";
import type { PlacedColumns } from "../overlap.js";

/** A box in the LiDAR frame: [7] x, y, z of its centre, length, width, height in metres, yaw in radians (0 = +x). */
export type LidarBox = ArrayLike<number>;

/** An object of the ground truth. */
export interface LabelledBox {
  /** Class name; letter case matters. */
  readonly type: string;
  readonly box: LidarBox;
  /** Scan points inside, if known. An object with 0 is ignored: neither missed nor found. */
  readonly points?: number;
}

/** An answer of a detector. */
export interface ScoredBox {
  readonly type: string;
  readonly box: LidarBox;
  /** Confidence, any finite number. */
  readonly score: number;
}

/** One scan: what there is and what was found. */
export interface DetectionFrame {
  /** Named in errors. */
  readonly id: string;
  readonly objects: readonly LabelledBox[];
  readonly detections: readonly ScoredBox[];
}

/** Boxes of all frames end to end. Those of frame f are `frameStarts[f]` up to `frameStarts[f + 1]`. */
export interface BoxColumns extends PlacedColumns {
  readonly count: number;
  readonly frameStarts: Int32Array;
  /** [count] index into the list of types */
  readonly types: Int32Array;
  /** [count, 7] as given, LiDAR frame */
  readonly boxes: Float64Array;
  /** [count] about the y axis of the camera's frame, as the overlaps read it */
  readonly rotations: Float64Array;
  /** [count] scan points of an object (NaN: not known), score of a detection */
  readonly values: Float64Array;
}

/** All frames, with the types that occur: those of the classes first, in their order. */
export interface FrameColumns {
  readonly types: readonly string[];
  readonly objects: BoxColumns;
  readonly found: BoxColumns;
}

/** Reads frames one by one; nothing of a frame is kept but its numbers. */
export function collectFrames(frames: Iterable<DetectionFrame>, classNames: readonly string[]): FrameColumns {
  const codes = new Map(classNames.map((name, i) => [name, i]));
  const codeOf = (type: string) => {
    if (!codes.has(type)) codes.set(type, codes.size);
    return codes.get(type)!;
  };
  const objects = new BoxBuilder();
  const found = new BoxBuilder();
  for (const { id, objects: labelled, detections } of frames) {
    labelled.forEach((object, i) => {
      checkBox(object, `frame ${id}, objects[${i}]`);
      const { points = Number.NaN } = object;
      if (object.points !== undefined && !(points >= 0 && Number.isInteger(points))) {
        throw new RangeError(fault("a number of points", `frame ${id}, objects[${i}].points`, points));
      }
      objects.push(codeOf(object.type), object.box, points);
    });
    detections.forEach((detection, i) => {
      checkBox(detection, `frame ${id}, detections[${i}]`);
      if (!Number.isFinite(detection.score)) {
        throw new RangeError(fault("a finite number", `frame ${id}, detections[${i}].score`, detection.score));
      }
      found.push(codeOf(detection.type), detection.box, detection.score);
    });
    objects.closeFrame();
    found.closeFrame();
  }
  return { types: [...codes.keys()], objects: objects.columns(), found: found.columns() };
}

function checkBox({ type, box }: LabelledBox, where: string): void {
  if (typeof type !== "string") throw new TypeError(fault("a class name", `${where}.type`, type));
  if (box?.length !== 7) throw new RangeError(fault("7 numbers", `${where}.box`, box?.length));
  for (let i = 0; i < 7; i++) {
    if (!Number.isFinite(box[i])) throw new RangeError(fault("a finite number", `${where}.box[${i}]`, box[i]));
  }
}

function fault(expected: string, where: string, got: unknown): string {
  return `evaluateDetections: expected ${expected} for ${where}, got ${String(got)}`;
}

class BoxBuilder {
  readonly #frameStarts = new GrowingColumn(Int32Array);
  readonly #types = new GrowingColumn(Int32Array);
  readonly #boxes = new GrowingColumn(Float64Array);
  readonly #dimensions = new GrowingColumn(Float64Array);
  readonly #locations = new GrowingColumn(Float64Array);
  readonly #rotations = new GrowingColumn(Float64Array);
  readonly #values = new GrowingColumn(Float64Array);

  constructor() {
    this.#frameStarts.push(0);
  }

  push(type: number, box: LidarBox, value: number): void {
    this.#types.push(type);
    for (let i = 0; i < 7; i++) this.#boxes.push(box[i]);
    const [x, y, z, length, width, height, yaw] = Array.from(box);
    // the overlaps of this package are written for the camera's axes: x right, y down, z forward, centre of the bottom
    for (const size of [height, width, length]) this.#dimensions.push(size);
    for (const place of [-y, height / 2 - z, x]) this.#locations.push(place);
    this.#rotations.push(-(yaw + Math.PI / 2));
    this.#values.push(value);
  }

  closeFrame(): void {
    this.#frameStarts.push(this.#types.length);
  }

  columns(): BoxColumns {
    return {
      count: this.#types.length,
      frameStarts: this.#frameStarts.values(),
      types: this.#types.values(),
      boxes: this.#boxes.values(),
      dimensions: this.#dimensions.values(),
      locations: this.#locations.values(),
      rotations: this.#rotations.values(),
      values: this.#values.values(),
    };
  }
}

/** Distance of a box from the sensor in the plane, metres. */
export function distanceOf({ boxes }: BoxColumns, i: number): number {
  return Math.hypot(boxes[7 * i], boxes[7 * i + 1]);
}
