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
  const anchorRects = nearestRectangles(anchors.boxes);
  const boxRects = nearestRectangles(boxes);
  const bestIou = new Float64Array(count);
  const bestBox = new Int32Array(count);
  const claimed = new Uint8Array(count);
  for (let box = 0; box < objects.labels.length; box++) {
    const { touched, overlaps } = overlapsOf(boxRects, box, { anchorRects, anchors, label: objects.labels[box] });
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

/** [n, 4] x, y of the centre and half sides along x and y of each box's nearest axis-parallel rectangle. */
function nearestRectangles(boxes: ArrayLike<number>): Float64Array {
  const rects = new Float64Array((boxes.length / 7) * 4);
  for (let at = 0, to = 0; at < boxes.length; at += 7, to += 4) {
    const yaw = boxes[at + 6];
    const wrapped = yaw - Math.floor(yaw / Math.PI + 0.5) * Math.PI;
    const isAcross = Math.abs(wrapped) >= Math.PI / 4;
    rects[to] = boxes[at];
    rects[to + 1] = boxes[at + 1];
    rects[to + 2] = boxes[at + (isAcross ? 4 : 3)] / 2;
    rects[to + 3] = boxes[at + (isAcross ? 3 : 4)] / 2;
  }
  return rects;
}

interface AnchorsOfClass {
  readonly anchorRects: Float64Array;
  readonly anchors: AnchorGrid;
  readonly label: number;
}

/** The anchors of a class that a box overlaps, and how much. */
function overlapsOf(boxRects: Float64Array, box: number, { anchorRects, anchors, label }: AnchorsOfClass) {
  const [boxX, boxY, boxHalfX, boxHalfY] = boxRects.subarray(box * 4, box * 4 + 4);
  const boxArea = 4 * boxHalfX * boxHalfY;
  const anchorLabels = anchors.labels;
  const touched: number[] = [];
  const overlaps: number[] = [];
  for (let anchor = 0, at = 0; anchor < anchorLabels.length; anchor++, at += 4) {
    if (anchorLabels[anchor] !== label) continue;
    const x = anchorRects[at];
    const halfX = anchorRects[at + 2];
    const sharedX = Math.min(x + halfX, boxX + boxHalfX) - Math.max(x - halfX, boxX - boxHalfX);
    if (!(sharedX > 0)) continue;
    const y = anchorRects[at + 1];
    const halfY = anchorRects[at + 3];
    const sharedY = Math.min(y + halfY, boxY + boxHalfY) - Math.max(y - halfY, boxY - boxHalfY);
    if (!(sharedY > 0)) continue;
    const shared = sharedX * sharedY;
    touched.push(anchor);
    overlaps.push(shared / (4 * halfX * halfY + boxArea - shared));
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
