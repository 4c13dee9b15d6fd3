import type { EvaluationObject } from "./evaluation-object.js";
import { groundRectangles, intersectionArea } from "./ground-rectangles.js";

/** Intersection over union of box i of `a` and box j of `b` [n, 4], 0..1; no +1 on widths. Boxes without area overlap nothing. */
export function imageOverlapAt(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number {
  const shared = imageIntersection(a, i, b, j);
  return shared === 0 ? 0 : shared / (imageArea(a, i) + imageArea(b, j) - shared);
}

/** Share of box i of `detections` [n, 4] that lies in box j of `regions`, 0..1. */
export function imageCoverAt(detections: ArrayLike<number>, i: number, regions: ArrayLike<number>, j: number): number {
  const shared = imageIntersection(detections, i, regions, j);
  return shared === 0 ? 0 : shared / imageArea(detections, i);
}

function imageIntersection(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number {
  const width = Math.min(a[4 * i + 2], b[4 * j + 2]) - Math.max(a[4 * i], b[4 * j]);
  const height = Math.min(a[4 * i + 3], b[4 * j + 3]) - Math.max(a[4 * i + 1], b[4 * j + 1]);
  return width > 0 && height > 0 ? width * height : 0;
}

function imageArea(boxes: ArrayLike<number>, i: number): number {
  return (boxes[4 * i + 2] - boxes[4 * i]) * (boxes[4 * i + 3] - boxes[4 * i + 1]);
}

/** Sizes and places of objects: metres, camera frame. */
export interface PlacedColumns {
  /** [n, 3] height, width, length */
  readonly dimensions: ArrayLike<number>;
  /** [n, 3] x, y, z of the centre of the bottom; y points down */
  readonly locations: ArrayLike<number>;
}

/** Intersection over union of two footprints, 0..1, from the area that they share. */
export function groundOverlapAt(shared: number, a: PlacedColumns, i: number, b: PlacedColumns, j: number): number {
  return shared === 0 ? 0 : shared / (groundArea(a, i) + groundArea(b, j) - shared);
}

/** Intersection over union of two boxes in space, 0..1, from the area that their footprints share. */
export function spaceOverlapAt(shared: number, a: PlacedColumns, i: number, b: PlacedColumns, j: number): number {
  const volume = shared * sharedHeight(a, i, b, j);
  if (volume === 0) return 0;
  const volumeA = groundArea(a, i) * a.dimensions[3 * i];
  return volume / (volumeA + groundArea(b, j) * b.dimensions[3 * j] - volume);
}

/** Share of a detection's footprint in a region, 0..1, from the area that they share. */
export function groundCoverAt(shared: number, detections: PlacedColumns, i: number): number {
  return shared === 0 ? 0 : shared / groundArea(detections, i);
}

/** Share of a detection's volume in a region, 0..1, from the area that their footprints share. */
export function spaceCoverAt(shared: number, a: PlacedColumns, i: number, regions: PlacedColumns, j: number): number {
  const volume = shared * sharedHeight(a, i, regions, j);
  return volume === 0 ? 0 : volume / (groundArea(a, i) * a.dimensions[3 * i]);
}

function sharedHeight(a: PlacedColumns, i: number, b: PlacedColumns, j: number): number {
  const [bottomA, bottomB] = [a.locations[3 * i + 1], b.locations[3 * j + 1]];
  const bottom = Math.min(bottomA, bottomB);
  const top = Math.max(bottomA - a.dimensions[3 * i], bottomB - b.dimensions[3 * j]);
  return Math.max(0, bottom - top);
}

function groundArea({ dimensions }: PlacedColumns, i: number): number {
  return dimensions[3 * i + 2] * dimensions[3 * i + 1];
}

/**
 * Intersection over union of two image boxes, 0..1; no +1 on widths. Boxes without area overlap nothing.
 * Of the objects only `bbox` (pixels) is read.
 */
export function imageOverlap(a: Pick<EvaluationObject, "bbox">, b: Pick<EvaluationObject, "bbox">): number {
  return imageOverlapAt(a.bbox, 0, b.bbox, 0);
}

/** What the overlaps on the ground and in space read of an object: metres and radians, camera frame. */
export type PlacedObject = Pick<EvaluationObject, "dimensions" | "location" | "rotationY">;

/**
 * Intersection over union of two footprints (length x width, turned by rotationY, at x and z), 0..1, in float64.
 * A footprint of zero area, or of a negative length or width beside a positive one, overlaps nothing.
 */
export function groundOverlap(a: PlacedObject, b: PlacedObject): number {
  const [one, other] = [placed(a), placed(b)];
  return groundOverlapAt(sharedGround(one, other), one, 0, other, 0);
}

/**
 * Intersection over union of two boxes in space, 0..1, in float64: the shared ground times the shared height (y is
 * the bottom and points down). A box of zero or negative height overlaps nothing.
 */
export function spaceOverlap(a: PlacedObject, b: PlacedObject): number {
  const [one, other] = [placed(a), placed(b)];
  return spaceOverlapAt(sharedGround(one, other), one, 0, other, 0);
}

/** Columns of a single object. */
function placed({ dimensions, location, rotationY }: PlacedObject) {
  return { dimensions, locations: location, rotations: [rotationY] };
}

function sharedGround(a: ReturnType<typeof placed>, b: ReturnType<typeof placed>): number {
  return intersectionArea(groundRectangles(a), 0, groundRectangles(b), 0);
}
