import type { Calibration } from "./calibration.js";
import type { KittiObject } from "./labels.js";
import type { ImageSize } from "./projection.js";

/** Parts of a box nearer to the camera than this, in metres along its axis, are cut off before projecting. */
const NEAR = 0.01;

/** Corner i has x, y, z signs from its bits; an edge joins corners that differ in one bit. */
const EDGES = Array.from({ length: 8 }, (_, i) => [1, 2, 4].filter((bit) => (i & bit) === 0).map((bit) => [i, i | bit]))
  .flat()
  .map(([a, b]) => [a, b] as const);

/**
 * The 2D box of a 3D box: the extent of its eight projected corners in the left colour image. Where the box reaches
 * behind the camera, its edges are cut at a plane 1 cm in front.
 *
 * ```
 *   rectified camera frame: x right, y down, z forward     the location is the centre of the bottom face (y largest)
 *   rotation_y = 0: length along +x;  π/2: length along -z
 * ```
 * @param object dimensions [h, w, l], location and rotationY as in a label
 * @param imageSize if given, the result is clipped to 0..width - 1, 0..height - 1, as labels are
 * @returns [left, top, right, bottom] in pixels; undefined if no part is in front of the camera or, with an image size,
 *   the projection lies outside the image
 */
export function imageBoxFromObject(
  object: Pick<KittiObject, "dimensions" | "location" | "rotationY">,
  calibration: Calibration,
  imageSize?: ImageSize,
): [number, number, number, number] | undefined {
  const corners = projectiveCorners(object, calibration.p2);
  const box: [number, number, number, number] = [
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ];
  const include = (u: number, v: number): void => {
    box[0] = Math.min(box[0], u);
    box[1] = Math.min(box[1], v);
    box[2] = Math.max(box[2], u);
    box[3] = Math.max(box[3], v);
  };
  for (const [u, v, w] of corners) if (w >= NEAR) include(u / w, v / w);
  for (const [i, j] of EDGES) {
    const [a, b] = [corners[i], corners[j]];
    if (a[2] >= NEAR === b[2] >= NEAR) continue;
    const t = (NEAR - a[2]) / (b[2] - a[2]);
    include((a[0] + t * (b[0] - a[0])) / NEAR, (a[1] + t * (b[1] - a[1])) / NEAR);
  }
  if (!(box[0] <= box[2] && box[1] <= box[3])) return undefined;
  return imageSize === undefined ? box : clipped(box, imageSize);
}

function clipped(
  [left, top, right, bottom]: readonly [number, number, number, number],
  { width, height }: ImageSize,
): [number, number, number, number] | undefined {
  if (right < 0 || bottom < 0 || left > width - 1 || top > height - 1) return undefined;
  return [Math.max(left, 0), Math.max(top, 0), Math.min(right, width - 1), Math.min(bottom, height - 1)];
}

/** Homogeneous image coordinates (u w, v w, w) of the eight corners. */
function projectiveCorners(
  { dimensions: [h, w, l], location: [x, y, z], rotationY }: Pick<KittiObject, "dimensions" | "location" | "rotationY">,
  p2: Float64Array,
): [number, number, number][] {
  const [cos, sin] = [Math.cos(rotationY), Math.sin(rotationY)];
  return Array.from({ length: 8 }, (_, i) => {
    const [along, across] = [(i & 1 ? l : -l) / 2, (i & 4 ? w : -w) / 2];
    const px = x + cos * along + sin * across;
    const py = i & 2 ? y - h : y;
    const pz = z - sin * along + cos * across;
    const row = (r: number): number => p2[4 * r] * px + p2[4 * r + 1] * py + p2[4 * r + 2] * pz + p2[4 * r + 3];
    return [row(0), row(1), row(2)];
  });
}
