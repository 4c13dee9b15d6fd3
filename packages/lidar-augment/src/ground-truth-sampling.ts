import { overlapsAny } from "./boxes-overlap.js";
import { BOX_SIZE, checkScan, type LabelledScan, POINT_SIZE, takePoints } from "./labelled-scan.js";
import { boxOfEachPoint, pointsInBox } from "./points-in-boxes.js";

/** An object cut out of some scan, where it was. */
export interface SampleObject {
  /** [k, 4] its points, LiDAR frame, metres */
  readonly points: Float32Array;
  /** [7] */
  readonly box: Float64Array;
  readonly label: number;
}

/** Objects to paste, by label. */
export type SampleDatabase = ReadonlyMap<number, readonly SampleObject[]>;

/** Settings of {@link sampleGroundTruth}. */
export interface SamplingOptions {
  readonly database: SampleDatabase;
  /** objects of each label that the scan shall have, its own among them */
  readonly counts: ReadonlyMap<number, number>;
  /** uniform in 0..1 */
  readonly rng: () => number;
}

/**
 * Pastes objects of other scans into a scan, where they stood in theirs, until it has `counts` of each label (Yan, Mao, Li,
 * "SECOND", 2018, section 3.3.1). An object that would overlap another one, seen from above, is left out, so there may be
 * fewer. What the scan had inside a pasted box is removed: the object would have stood in front of it.
 *
 * @returns the scan's points outside the pasted boxes, then those of the pasted objects; its boxes, then theirs; and how
 *   many were pasted
 * @throws RangeError if the arrays do not fit each other or an object has another label than its place in the database
 */
export function sampleGroundTruth(
  scan: LabelledScan,
  { database, counts, rng }: SamplingOptions,
): LabelledScan & { readonly pasted: number } {
  checkScan("sampleGroundTruth", scan);
  const pasted: SampleObject[] = [];
  let occupied = scan.boxes;
  for (const [label, count] of counts) {
    const present = scan.labels.reduce((sum, each) => sum + Number(each === label), 0);
    for (const object of drawDistinct(database.get(label) ?? [], count - present, rng)) {
      checkObject(object, label);
      if (overlapsAny(object.box, occupied)) continue;
      occupied = concatBoxes(occupied, object.box);
      pasted.push(object);
    }
  }
  const owners = boxOfEachPoint(scan.points, occupied.subarray(scan.boxes.length));
  const background = takePoints(scan.points, (i) => owners[i] < 0);
  return {
    points: concatPoints([background, ...pasted.map(({ points }) => points)]),
    boxes: occupied,
    labels: Int32Array.from([...scan.labels, ...pasted.map(({ label }) => label)]),
    pasted: pasted.length,
  };
}

/**
 * The database of some scans: every object with enough points, by label.
 * @param minPoints fewest points by label; labels without an entry take objects with a point or more
 */
export function buildSampleDatabase(
  scans: Iterable<LabelledScan>,
  minPoints: ReadonlyMap<number, number>,
): SampleDatabase {
  const database = new Map<number, SampleObject[]>();
  for (const scan of scans) {
    for (const object of cutObjects(scan)) {
      if (object.points.length < POINT_SIZE * (minPoints.get(object.label) ?? 1)) continue;
      const objects = database.get(object.label);
      if (objects) objects.push(object);
      else database.set(object.label, [object]);
    }
  }
  return database;
}

/** Every object of a scan with all points inside its box: a point inside two boxes is in both objects. */
export function cutObjects(scan: LabelledScan): SampleObject[] {
  checkScan("cutObjects", scan);
  return Array.from(scan.labels, (label, row) => {
    const box = scan.boxes.slice(row * BOX_SIZE, (row + 1) * BOX_SIZE);
    return { points: pointsInBox(scan.points, box), box, label };
  });
}

/** `count` different entries in random order (all of them, if there are fewer): the start of a Fisher-Yates shuffle. */
function drawDistinct<T>(items: readonly T[], count: number, rng: () => number): T[] {
  const left = [...items];
  const drawn = Math.min(Math.max(0, count), left.length);
  for (let i = 0; i < drawn; i++) {
    const other = i + Math.floor(rng() * (left.length - i));
    [left[i], left[other]] = [left[other], left[i]];
  }
  return left.slice(0, drawn);
}

function checkObject({ points, box, label }: SampleObject, expected: number): void {
  if (label === expected && box.length === BOX_SIZE && points.length % POINT_SIZE === 0) return;
  throw new RangeError(
    `sampleGroundTruth: expected objects of label ${expected} with box [${BOX_SIZE}] and points [k, ${POINT_SIZE}], ` +
      `got label ${label}, ${box.length} and ${points.length} numbers`,
  );
}

function concatBoxes(boxes: Float64Array, box: Float64Array): Float64Array {
  const joined = new Float64Array(boxes.length + box.length);
  joined.set(boxes);
  joined.set(box, boxes.length);
  return joined;
}

function concatPoints(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
