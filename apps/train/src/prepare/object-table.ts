import type { Difficulty } from "kitti-io";
import type { SampleObject } from "lidar-augment";
import { encodeSafetensors, parseSafetensors, parseSafetensorsMetadata } from "second-detector";
import { z } from "zod";
import type { FrameObject } from "../frames/frame.js";

/** Objects of many frames, in columns. */
export interface ObjectTable {
  /** [n, 4] points of all objects, one after the other; LiDAR frame, metres */
  readonly points: Float32Array;
  /** [m + 1] first point of each object, and the number of points */
  readonly starts: Int32Array;
  /** [m, 7] */
  readonly boxes: Float64Array;
  /** [m] index into `classNames` */
  readonly classes: Int32Array;
  /** [m] 0 easy, 1 moderate, 2 hard, 3 none of them, 4 not graded */
  readonly difficulties: Int32Array;
  /** [m] index into `frameIds`: what it was cut out of */
  readonly frames: Int32Array;
  readonly classNames: readonly string[];
  readonly frameIds: readonly string[];
}

const DIFFICULTIES: readonly (Difficulty | undefined)[] = ["easy", "moderate", "hard", "none", undefined];

/** What a file holds beside the columns. */
const namesSchema = z.object({ classes: z.array(z.string()), frames: z.array(z.string()) });

/** An object as a row. */
export interface ObjectRow extends Omit<SampleObject, "label">, Pick<FrameObject, "difficulty"> {
  readonly className: string;
  /** of its frame */
  readonly id: string;
}

export function tableOf(rows: readonly ObjectRow[]): ObjectTable {
  const starts = new Int32Array(rows.length + 1);
  rows.forEach(({ points }, i) => {
    starts[i + 1] = starts[i] + points.length / 4;
  });
  const classNames = [...new Set(rows.map(({ className }) => className))];
  const numbers = new Map<string, number>();
  for (const { id } of rows) if (!numbers.has(id)) numbers.set(id, numbers.size);
  const table = {
    points: new Float32Array(4 * starts[rows.length]),
    starts,
    boxes: new Float64Array(7 * rows.length),
    classes: Int32Array.from(rows, ({ className }) => classNames.indexOf(className)),
    difficulties: Int32Array.from(rows, ({ difficulty }) => DIFFICULTIES.indexOf(difficulty)),
    frames: Int32Array.from(rows, ({ id }) => numbers.get(id)!),
    classNames,
    frameIds: [...numbers.keys()],
  };
  rows.forEach(({ points, box }, i) => {
    table.points.set(points, 4 * starts[i]);
    table.boxes.set(box, 7 * i);
  });
  return table;
}

export const NO_OBJECTS: ObjectTable = tableOf([]);

export function rowsOf({ points, starts, boxes, difficulties, frames, ...table }: ObjectTable): ObjectRow[] {
  return Array.from(table.classes, (className, i) => ({
    points: points.subarray(4 * starts[i], 4 * starts[i + 1]),
    box: boxes.slice(7 * i, 7 * i + 7),
    className: table.classNames[className],
    difficulty: DIFFICULTIES[difficulties[i]],
    id: table.frameIds[frames[i]],
  }));
}

/** A table as a file: numbers, the names that they stand for, and `note` as text. */
export function encodeTable(table: ObjectTable, note: string): Uint8Array {
  const { points, starts, boxes, classes, difficulties, frames, classNames, frameIds } = table;
  const count = classes.length;
  const tensors = new Map([
    ["points", { shape: [points.length / 4, 4], data: points }],
    ["starts", { shape: [count + 1], data: starts }],
    ["boxes", { shape: [count, 7], data: boxes }],
    ["classes", { shape: [count], data: classes }],
    ["difficulties", { shape: [count], data: difficulties }],
    ["frames", { shape: [count], data: frames }],
  ]);
  const names = JSON.stringify({ classes: classNames, frames: frameIds });
  const metadata = new Map([
    ["note", note],
    ["names", names],
  ]);
  return encodeSafetensors(tensors, { metadata });
}

/**
 * Reads {@link encodeTable}'s bytes, which may come from anywhere.
 * @throws Error naming the file and what is wrong with it
 */
export function parseTable(bytes: Uint8Array, path: string): ObjectTable {
  const tensors = parseSafetensors(bytes, path);
  const fail = (what: string): never => {
    throw new Error(`${path}: expected a table of objects, got ${what}; delete it and run \`eloss prepare\` again`);
  };
  const column = <T>(name: string, type: new (length: number) => T, columns?: number): T => {
    const tensor = tensors.get(name);
    if (!(tensor?.data instanceof type)) return fail(`no ${type.name} ${name}`);
    if (columns !== undefined && tensor.shape[1] !== columns) return fail(`${name} of shape ${tensor.shape}`);
    return tensor.data;
  };
  const table: ObjectTable = {
    points: column("points", Float32Array, 4),
    starts: column("starts", Int32Array),
    boxes: column("boxes", Float64Array, 7),
    classes: column("classes", Int32Array),
    difficulties: column("difficulties", Int32Array),
    frames: column("frames", Int32Array),
    ...readNames(parseSafetensorsMetadata(bytes, path).get("names"), fail),
  };
  const { points, starts, boxes, classes, difficulties, frames, classNames, frameIds } = table;
  const count = classes.length;
  if (boxes.length !== 7 * count || difficulties.length !== count || frames.length !== count)
    fail("columns of different lengths");
  if (starts.length !== count + 1 || starts[0] !== 0 || starts[count] !== points.length / 4)
    fail("starts that do not fit the points");
  for (let i = 0; i < count; i++) if (starts[i] > starts[i + 1]) fail(`object ${i} that ends before it begins`);
  const within = (values: Int32Array, end: number) => values.every((value) => value >= 0 && value < end);
  if (
    !within(classes, classNames.length) ||
    !within(difficulties, DIFFICULTIES.length) ||
    !within(frames, frameIds.length)
  )
    fail("a class, difficulty or frame that does not exist");
  if (!points.every(Number.isFinite) || !boxes.every(Number.isFinite)) fail("a number that is not finite");
  return table;
}

function readNames(text: string | undefined, fail: (what: string) => never) {
  try {
    const { classes, frames } = namesSchema.parse(JSON.parse(text ?? ""));
    return { classNames: classes, frameIds: frames };
  } catch {
    return fail("no names of classes and frames");
  }
}
