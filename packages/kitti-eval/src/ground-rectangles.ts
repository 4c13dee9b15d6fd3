import type { PlacedColumns } from "./overlap.js";

/** Numbers of one rectangle: x, z of the centre, cosine and sine of the turn, half length, half width. */
export const RECTANGLE_SIZE = 6;

/**
 * Footprints of objects on the ground.
 *
 * A corner at (dx along the length, dz along the width) lies at x + cos(ry) dx + sin(ry) dz, z - sin(ry) dx + cos(ry) dz.
 * @param objects their columns, and rotations [n] about the y axis
 * @returns [n, 6] row-major: x, z, cos, sin, length / 2, width / 2
 */
export function groundRectangles({
  dimensions,
  locations,
  rotations,
}: PlacedColumns & { readonly rotations: ArrayLike<number> }): Float64Array {
  const out = new Float64Array(rotations.length * RECTANGLE_SIZE);
  for (let i = 0; i < rotations.length; i++) {
    out[i * RECTANGLE_SIZE] = locations[3 * i];
    out[i * RECTANGLE_SIZE + 1] = locations[3 * i + 2];
    out[i * RECTANGLE_SIZE + 2] = Math.cos(rotations[i]);
    out[i * RECTANGLE_SIZE + 3] = Math.sin(rotations[i]);
    out[i * RECTANGLE_SIZE + 4] = dimensions[3 * i + 2] / 2;
    out[i * RECTANGLE_SIZE + 5] = dimensions[3 * i + 1] / 2;
  }
  return out;
}

/** A convex polygon of 4 corners cut by 4 lines has at most 8. Reused between calls; nothing outlives one. */
const polygonU = new Float64Array(8);
const polygonV = new Float64Array(8);
const clippedU = new Float64Array(8);
const clippedV = new Float64Array(8);

/**
 * Area that two rectangles share, square metres.
 *
 * Works in the frame of `a`, where `a` is axis-aligned: the corners of `b` are clipped at the four sides of `a`
 * (Sutherland-Hodgman). No line is intersected with a parallel one: a new corner is made only between a point strictly
 * inside and one strictly outside, so equal, touching and nested rectangles need no special case. Never more than the
 * smaller of the two areas.
 *
 * Length and width may both be negative (the -1 of an object without place means the same rectangle as 1); where
 * their product is zero or negative there is no rectangle, and the area is 0.
 */
export function intersectionArea(a: Float64Array, aIndex: number, b: Float64Array, bIndex: number): number {
  const i = aIndex * RECTANGLE_SIZE;
  const j = bIndex * RECTANGLE_SIZE;
  const areaA = 4 * a[i + 4] * a[i + 5];
  const areaB = 4 * b[j + 4] * b[j + 5];
  if (!(areaA > 0 && areaB > 0)) return 0;
  const halfLength = Math.abs(a[i + 4]);
  const halfWidth = Math.abs(a[i + 5]);
  const otherLength = Math.abs(b[j + 4]);
  const otherWidth = Math.abs(b[j + 5]);
  const dx = b[j] - a[i];
  const dz = b[j + 1] - a[i + 1];
  const reach = halfLength + halfWidth + otherLength + otherWidth;
  if (Math.abs(dx) >= reach || Math.abs(dz) >= reach) return 0;

  // b in the frame of a: centre (u, v), turned by the difference of the two angles
  const u = a[i + 2] * dx - a[i + 3] * dz;
  const v = a[i + 3] * dx + a[i + 2] * dz;
  const cos = a[i + 2] * b[j + 2] + a[i + 3] * b[j + 3];
  const sin = b[j + 3] * a[i + 2] - b[j + 2] * a[i + 3];
  for (let corner = 0; corner < 4; corner++) {
    const along = corner === 0 || corner === 3 ? otherLength : -otherLength;
    const across = corner < 2 ? otherWidth : -otherWidth;
    polygonU[corner] = u + cos * along + sin * across;
    polygonV[corner] = v - sin * along + cos * across;
  }

  let corners = clip(polygonU, polygonV, 4, clippedU, clippedV, halfLength, 1);
  corners = clip(clippedU, clippedV, corners, polygonU, polygonV, halfLength, -1);
  corners = clip(polygonV, polygonU, corners, clippedV, clippedU, halfWidth, 1);
  corners = clip(clippedV, clippedU, corners, polygonV, polygonU, halfWidth, -1);
  return Math.min(polygonArea(corners), areaA, areaB);
}

/** Keeps the part of a convex polygon with sign * first coordinate <= limit; returns its number of corners. */
function clip(
  inFirst: Float64Array,
  inSecond: Float64Array,
  corners: number,
  outFirst: Float64Array,
  outSecond: Float64Array,
  limit: number,
  sign: number,
): number {
  let kept = 0;
  for (let to = 0; to < corners; to++) {
    const from = to === 0 ? corners - 1 : to - 1;
    const excessFrom = sign * inFirst[from] - limit;
    const excessTo = sign * inFirst[to] - limit;
    // a convex polygon crosses a line at most twice; rounding may not make it more than the buffers hold
    if (excessFrom * excessTo < 0 && kept < 8) {
      const share = excessFrom / (excessFrom - excessTo);
      outFirst[kept] = sign * limit;
      outSecond[kept++] = inSecond[from] + share * (inSecond[to] - inSecond[from]);
    }
    if (excessTo <= 0 && kept < 8) {
      outFirst[kept] = inFirst[to];
      outSecond[kept++] = inSecond[to];
    }
  }
  return kept;
}

/** Shoelace formula on the polygon buffers, relative to its first corner. */
function polygonArea(corners: number): number {
  let twice = 0;
  for (let i = 1; i + 1 < corners; i++) {
    const u1 = polygonU[i] - polygonU[0];
    const v1 = polygonV[i] - polygonV[0];
    const u2 = polygonU[i + 1] - polygonU[0];
    const v2 = polygonV[i + 1] - polygonV[0];
    twice += u1 * v2 - u2 * v1;
  }
  return Math.abs(twice) / 2;
}
