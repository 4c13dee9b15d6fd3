import type { AnchorGrid } from "./anchors.js";
import { encodeBoxes } from "./box-code.js";
import type { DetectorConfig } from "./config/detector-config.js";

/** The objects of one scan. */
export interface LabelledBoxes {
  /** [m, 7] x, y, z of the centre, dx, dy, dz, yaw; metres and radians, LiDAR frame */
  readonly boxes: ArrayLike<number>;
  /** [m] label index of each */
  readonly labels: ArrayLike<number>;
}

/** What each anchor of one scan has to learn. */
export interface AnchorTargets {
  /** [n] 0 background, 1 + label index for a positive anchor, −1 for one that the loss leaves out */
  readonly labels: Int32Array;
  /** [p] positive anchors, ascending */
  readonly positives: Int32Array;
  /** [p] the box that each learns */
  readonly boxIndices: Int32Array;
  /** [p, 7] its box code */
  readonly codes: Float32Array;
  /** [p] its direction bin, 0 or 1 */
  readonly directions: Int32Array;
}

/** The part of a configuration that decides targets. */
export type TargetRules = Pick<DetectorConfig, "classes" | "loss">;

/** Overlaps this close to a box's best count as its best, so that rounding does not choose among equal anchors. */
const TIE = 1e-9;
const IGNORED = -1;

/**
 * Matches boxes with anchors, class by class, by the IoU of nearest axis-parallel rectangles on the ground (sides swapped
 * when the yaw is nearer to the y axis).
 *
 * A box claims the anchors that overlap it best (within 1e-9), if they overlap it at all. An anchor is positive if claimed
 * or if its best overlap reaches `positiveIou`; it learns the box that **it** overlaps most (the first of equal ones), as in
 * OpenPCDet. Others are ignored from `negativeIou` on, and background below.
 *
 * Direction bin: clip(⌊((yaw − directionOffset) mod 2π)/π⌋, 0, 1). All arithmetic in float64.
 * @throws RangeError for lengths that disagree, a label without a class, a number that is not finite or a size ≤ 0
 */
export function assignTargets(
  objects: LabelledBoxes,
  anchors: AnchorGrid,
  { classes, loss }: TargetRules,
): AnchorTargets {
  checkObjects(objects, classes.length);
  const { boxes } = objects;
  const count = anchors.labels.length;
  const extents = gridExtents(anchors);
  const bestIou = new Float64Array(count);
  const bestBox = new Int32Array(count);
  const claimed = new Uint8Array(count);
  for (let box = 0; box < objects.labels.length; box++) {
    const { touched, overlaps } = overlapsOf(objects, box, { anchors, extents });
    const enough = overlaps.reduce((best, iou) => Math.max(best, iou), 0) - TIE;
    for (let i = 0; i < touched.length; i++) {
      const anchor = touched[i];
      if (overlaps[i] >= enough) claimed[anchor] = 1;
      if (overlaps[i] > bestIou[anchor]) {
        bestIou[anchor] = overlaps[i];
        bestBox[anchor] = box;
      }
    }
  }

  const labels = new Int32Array(count);
  const positiveList: number[] = [];
  for (let anchor = 0; anchor < count; anchor++) {
    const iou = bestIou[anchor];
    const { positiveIou, negativeIou } = classes[anchors.labels[anchor]];
    if (claimed[anchor] === 1 || iou >= positiveIou) {
      labels[anchor] = 1 + anchors.labels[anchor];
      positiveList.push(anchor);
    } else if (iou >= negativeIou) labels[anchor] = IGNORED;
  }
  const positives = Int32Array.from(positiveList);
  const boxIndices = positives.map((anchor) => bestBox[anchor]);
  return {
    labels,
    positives,
    boxIndices,
    codes: Float32Array.from(encodeBoxes(takeRows(boxes, boxIndices), takeRows(anchors.boxes, positives))),
    directions: boxIndices.map((box) => directionBin(boxes[box * 7 + 6], loss.directionOffset)),
  };
}

/** Which half turn, counted from `offset`, a yaw lies in: 0 or 1. */
function directionBin(yaw: number, offset: number): number {
  const turn = 2 * Math.PI;
  const turned = (yaw - offset) % turn;
  return Math.max(0, Math.min(1, Math.floor((turned < 0 ? turned + turn : turned) / Math.PI)));
}

/** Whether a box's nearest axis-parallel rectangle has its length along y. */
function isAcross(yaw: number): boolean {
  const wrapped = yaw - Math.floor(yaw / Math.PI + 0.5) * Math.PI;
  return Math.abs(wrapped) >= Math.PI / 4;
}

/** Within what bounds the anchors of each row (along y) and column (along x) of the grid lie, however they are turned. */
interface GridExtents {
  readonly rows: Bounds;
  readonly columns: Bounds;
}

interface Bounds {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

function gridExtents({ boxes, width, height, anchorsPerCell }: AnchorGrid): GridExtents {
  const [rows, columns] = [unbounded(height), unbounded(width)];
  let at = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      for (let i = 0; i < anchorsPerCell; i++, at += 7) {
        const reach = Math.max(boxes[at + 3], boxes[at + 4]) / 2;
        columns.low[column] = Math.min(columns.low[column], boxes[at] - reach);
        columns.high[column] = Math.max(columns.high[column], boxes[at] + reach);
        rows.low[row] = Math.min(rows.low[row], boxes[at + 1] - reach);
        rows.high[row] = Math.max(rows.high[row], boxes[at + 1] + reach);
      }
    }
  }
  return { rows, columns };
}

function unbounded(length: number): Bounds {
  return { low: new Float64Array(length).fill(Infinity), high: new Float64Array(length).fill(-Infinity) };
}

/** The bounds that share more than a border with an interval. */
function touching({ low, high }: Bounds, from: number, to: number): number[] {
  const places: number[] = [];
  for (let i = 0; i < low.length; i++) if (high[i] > from && low[i] < to) places.push(i);
  return places;
}

/** The anchors of its class that a box overlaps, ascending, and how much. */
function overlapsOf(
  { boxes, labels }: LabelledBoxes,
  box: number,
  { anchors, extents }: { readonly anchors: AnchorGrid; readonly extents: GridExtents },
) {
  const [boxX, boxY, , length, breadth, , yaw] = Array.from({ length: 7 }, (_, k) => boxes[box * 7 + k]);
  const [boxHalfX, boxHalfY] = isAcross(yaw) ? [breadth / 2, length / 2] : [length / 2, breadth / 2];
  const boxArea = 4 * boxHalfX * boxHalfY;
  const columns = touching(extents.columns, boxX - boxHalfX, boxX + boxHalfX);
  const { boxes: anchorBoxes, labels: anchorLabels, anchorsPerCell, width } = anchors;
  const touched: number[] = [];
  const overlaps: number[] = [];
  for (const row of touching(extents.rows, boxY - boxHalfY, boxY + boxHalfY)) {
    for (const column of columns) {
      const first = (row * width + column) * anchorsPerCell;
      for (let anchor = first; anchor < first + anchorsPerCell; anchor++) {
        if (anchorLabels[anchor] !== labels[box]) continue;
        const at = anchor * 7;
        const across = isAcross(anchorBoxes[at + 6]) ? 1 : 0;
        const halfX = anchorBoxes[at + 3 + across] / 2;
        const halfY = anchorBoxes[at + 4 - across] / 2;
        const [x, y] = [anchorBoxes[at], anchorBoxes[at + 1]];
        const sharedX = Math.min(x + halfX, boxX + boxHalfX) - Math.max(x - halfX, boxX - boxHalfX);
        const sharedY = Math.min(y + halfY, boxY + boxHalfY) - Math.max(y - halfY, boxY - boxHalfY);
        if (!(sharedX > 0 && sharedY > 0)) continue;
        const shared = sharedX * sharedY;
        touched.push(anchor);
        overlaps.push(shared / (4 * halfX * halfY + boxArea - shared));
      }
    }
  }
  return { touched, overlaps };
}

function takeRows(boxes: ArrayLike<number>, rows: Int32Array): Float64Array {
  const taken = new Float64Array(rows.length * 7);
  rows.forEach((row, i) => {
    for (let k = 0; k < 7; k++) taken[i * 7 + k] = boxes[row * 7 + k];
  });
  return taken;
}

function checkObjects({ boxes, labels }: LabelledBoxes, classCount: number): void {
  if (boxes.length !== labels.length * 7) {
    throw new RangeError(`assignTargets: expected ${labels.length * 7} numbers for boxes [m, 7], got ${boxes.length}`);
  }
  for (let i = 0; i < boxes.length; i++) {
    const isSize = i % 7 >= 3 && i % 7 < 6;
    if (!Number.isFinite(boxes[i]) || (isSize && boxes[i] <= 0)) {
      const expected = isSize ? "sizes above 0" : "finite numbers";
      throw new RangeError(
        `assignTargets: expected ${expected} for boxes, got ${boxes[i]} in box ${Math.floor(i / 7)}`,
      );
    }
  }
  for (let i = 0; i < labels.length; i++) {
    if (!(Number.isInteger(labels[i]) && labels[i] >= 0 && labels[i] < classCount)) {
      throw new RangeError(`assignTargets: expected 0 to ${classCount - 1} for labels, got ${labels[i]} for box ${i}`);
    }
  }
}
