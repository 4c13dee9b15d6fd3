/**
 * Whether two boxes share ground, seen from above; boxes that only touch do not.
 *
 * Separating axes: two rectangles are apart exactly if their shadows on one of the four directions of their sides are.
 *
 * @param a boxes [n, 7]: x, y, z, dx, dy, dz, yaw; z and dz are not looked at
 * @param b boxes [m, 7]
 * @param rows which box of each
 * @throws RangeError for a row that is not there
 */
export function boxesOverlap(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  { rowA = 0, rowB = 0 }: { readonly rowA?: number; readonly rowB?: number } = {},
): boolean {
  const atA = rowA * 7;
  const atB = rowB * 7;
  checkRow("rowA", rowA, a);
  checkRow("rowB", rowB, b);
  const offsetX = b[atB] - a[atA];
  const offsetY = b[atB + 1] - a[atA + 1];
  const turn = b[atB + 6] - a[atA + 6];
  const cos = Math.abs(Math.cos(turn));
  const sin = Math.abs(Math.sin(turn));
  const [lengthA, widthA, lengthB, widthB] = [a[atA + 3] / 2, a[atA + 4] / 2, b[atB + 3] / 2, b[atB + 4] / 2];
  const apart = (yaw: number, reachX: number, reachY: number) => {
    const along = Math.abs(offsetX * Math.cos(yaw) + offsetY * Math.sin(yaw));
    const across = Math.abs(offsetY * Math.cos(yaw) - offsetX * Math.sin(yaw));
    return along >= reachX || across >= reachY;
  };
  return !(
    apart(a[atA + 6], lengthA + lengthB * cos + widthB * sin, widthA + lengthB * sin + widthB * cos) ||
    apart(b[atB + 6], lengthB + lengthA * cos + widthA * sin, widthB + lengthA * sin + widthA * cos)
  );
}

function checkRow(name: string, row: number, boxes: ArrayLike<number>): void {
  if (Number.isInteger(row) && row >= 0 && row * 7 + 7 <= boxes.length) return;
  throw new RangeError(`boxesOverlap: expected a row of ${Math.floor(boxes.length / 7)} boxes for ${name}, got ${row}`);
}

/** Whether a box overlaps any row of `others` but `except`. */
export function overlapsAny(box: ArrayLike<number>, others: Float64Array, except = -1): boolean {
  for (let row = 0; row * 7 < others.length; row++) {
    if (row !== except && boxesOverlap(box, others, { rowB: row })) return true;
  }
  return false;
}
