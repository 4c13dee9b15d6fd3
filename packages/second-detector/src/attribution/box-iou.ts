import { rotatedOverlap } from "../rotated-iou.js";

/**
 * Intersection over union of two boxes in space, turned by their yaw.
 * @param a boxes [n, 7]: x, y, z of the centre, dx, dy, dz, yaw
 * @param b boxes [m, 7]
 * @param rows which box of each
 * @returns 0..1; 0 if either has no volume
 */
export function boxIou(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  { rowA = 0, rowB = 0 }: { readonly rowA?: number; readonly rowB?: number } = {},
): number {
  const [atA, atB] = [7 * rowA, 7 * rowB];
  const [halfA, halfB] = [a[atA + 5] / 2, b[atB + 5] / 2];
  const top = Math.min(a[atA + 2] + halfA, b[atB + 2] + halfB);
  const bottom = Math.max(a[atA + 2] - halfA, b[atB + 2] - halfB);
  if (!(top > bottom)) return 0;
  const shared = (top - bottom) * rotatedOverlap(a, b, { rowA, rowB });
  if (shared === 0) return 0;
  const volume = (boxes: ArrayLike<number>, at: number) => boxes[at + 3] * boxes[at + 4] * boxes[at + 5];
  return Math.min(1, shared / (volume(a, atA) + volume(b, atB) - shared)); // rounding may find more shared than there is
}
