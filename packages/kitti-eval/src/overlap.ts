import type { EvaluationObject } from "./evaluation-object.js";
import { groundRectangles, intersectionArea } from "./ground-rectangles.js";

/**
 * Intersection over union of two image boxes, 0..1; no +1 on widths. Boxes without area overlap nothing.
 * Of the objects only `bbox` (pixels) is read.
 */
export function imageOverlap(a: Pick<EvaluationObject, "bbox">, b: Pick<EvaluationObject, "bbox">): number {
  const shared = imageIntersection(a.bbox, b.bbox);
  return shared === 0 ? 0 : shared / (imageArea(a.bbox) + imageArea(b.bbox) - shared);
}

/** Share of a detection's image box that lies in a DontCare region, 0..1. */
export function imageCover(detection: EvaluationObject, region: EvaluationObject): number {
  const shared = imageIntersection(detection.bbox, region.bbox);
  return shared === 0 ? 0 : shared / imageArea(detection.bbox);
}

function imageIntersection(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  return width > 0 && height > 0 ? width * height : 0;
}

function imageArea(box: ArrayLike<number>): number {
  return (box[2] - box[0]) * (box[3] - box[1]);
}

/** What the overlaps on the ground and in space read of an object: metres and radians, camera frame. */
export type PlacedObject = Pick<EvaluationObject, "dimensions" | "location" | "rotationY">;

/**
 * Intersection over union of two footprints (length x width, turned by rotationY, at x and z), 0..1, in float64.
 * A footprint of zero area, or of a negative length or width beside a positive one, overlaps nothing.
 */
export function groundOverlap(a: PlacedObject, b: PlacedObject): number {
  return groundOverlapOf(sharedGround(a, b), a, b);
}

/**
 * Intersection over union of two boxes in space, 0..1, in float64: the shared ground times the shared height (y is
 * the bottom and points down). A box of zero or negative height overlaps nothing.
 */
export function spaceOverlap(a: PlacedObject, b: PlacedObject): number {
  return spaceOverlapOf(sharedGround(a, b), a, b);
}

/** {@link groundOverlap} from an intersection area that is known already. */
export function groundOverlapOf(shared: number, a: PlacedObject, b: PlacedObject): number {
  return shared === 0 ? 0 : shared / (groundArea(a) + groundArea(b) - shared);
}

/** {@link spaceOverlap} from an intersection area that is known already. */
export function spaceOverlapOf(shared: number, a: PlacedObject, b: PlacedObject): number {
  const volume = shared * sharedHeight(a, b);
  if (volume === 0) return 0;
  return volume / (groundArea(a) * a.dimensions[0] + groundArea(b) * b.dimensions[0] - volume);
}

/** Share of a detection's footprint in a region, 0..1, from their intersection area. */
export function groundCoverOf(shared: number, detection: PlacedObject): number {
  return shared === 0 ? 0 : shared / groundArea(detection);
}

/** Share of a detection's volume in a region, 0..1, from the intersection area of their footprints. */
export function spaceCoverOf(shared: number, detection: PlacedObject, region: PlacedObject): number {
  const volume = shared * sharedHeight(detection, region);
  return volume === 0 ? 0 : volume / (groundArea(detection) * detection.dimensions[0]);
}

function sharedGround(a: PlacedObject, b: PlacedObject): number {
  return intersectionArea(groundRectangles([a]), 0, groundRectangles([b]), 0);
}

function sharedHeight(a: PlacedObject, b: PlacedObject): number {
  const bottom = Math.min(a.location[1], b.location[1]);
  const top = Math.max(a.location[1] - a.dimensions[0], b.location[1] - b.dimensions[0]);
  return Math.max(0, bottom - top);
}

function groundArea(object: PlacedObject): number {
  return object.dimensions[2] * object.dimensions[1];
}
