/** Room for corners: a rectangle clipped by four sides has eight; rounding may add some. */
const MAX_CORNERS = 64;

// Scratch of the clipping below; nothing outlives one call.
let cornersX = new Float64Array(MAX_CORNERS);
let cornersY = new Float64Array(MAX_CORNERS);
let clippedX = new Float64Array(MAX_CORNERS);
let clippedY = new Float64Array(MAX_CORNERS);

/**
 * Area that two boxes share on the ground, in m².
 *
 * The second rectangle is brought into the first one's frame and clipped by its four sides (Sutherland–Hodgman).
 *
 * @param a boxes [n, 7]: x, y, z, dx, dy, dz, yaw; z and dz are not looked at
 * @param b boxes [m, 7]
 * @param rows which box of each
 * @returns 0 for boxes that touch, for a size of zero and for numbers that are not finite
 */
export function rotatedOverlap(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  { rowA = 0, rowB = 0 }: { readonly rowA?: number; readonly rowB?: number } = {},
): number {
  return overlapAt(a, rowA * 7, b, rowB * 7);
}

/**
 * Intersection over union of two boxes on the ground, turned by their yaw.
 * @param a boxes [n, 7]: x, y, z, dx, dy, dz, yaw
 * @param b boxes [m, 7]
 * @param rows which box of each
 * @returns 0..1; 0 if either has no area
 */
export function rotatedIou(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  { rowA = 0, rowB = 0 }: { readonly rowA?: number; readonly rowB?: number } = {},
): number {
  return iouAt(a, rowA * 7, b, rowB * 7);
}

/** {@link rotatedIou} at element offsets: what hot loops call. */
export function iouAt(a: ArrayLike<number>, atA: number, b: ArrayLike<number>, atB: number): number {
  const shared = overlapAt(a, atA, b, atB);
  if (!(shared > 0)) return 0;
  // Rounding may find more shared than there is: a box and itself would have 1 + 4e-16.
  return Math.min(1, shared / (a[atA + 3] * a[atA + 4] + b[atB + 3] * b[atB + 4] - shared));
}

function overlapAt(a: ArrayLike<number>, atA: number, b: ArrayLike<number>, atB: number): number {
  const halfX = a[atA + 3] / 2;
  const halfY = a[atA + 4] / 2;
  const length = b[atB + 3] / 2;
  const width = b[atB + 4] / 2;
  const offsetX = b[atB] - a[atA];
  const offsetY = b[atB + 1] - a[atA + 1];
  // Circles around both that do not meet, sizes that are not positive, and NaN end here.
  const reach = Math.sqrt(halfX * halfX + halfY * halfY) + Math.sqrt(length * length + width * width);
  if (!(halfX > 0 && halfY > 0 && length > 0 && width > 0)) return 0;
  if (!(offsetX * offsetX + offsetY * offsetY < reach * reach && reach < Number.POSITIVE_INFINITY)) return 0;

  // Centre and half axes of b in the frame of a.
  const yaw = a[atA + 6];
  const turn = b[atB + 6] - yaw;
  const cosA = Math.cos(yaw);
  const sinA = Math.sin(yaw);
  const centreX = cosA * offsetX + sinA * offsetY;
  const centreY = cosA * offsetY - sinA * offsetX;
  const alongX = Math.cos(turn) * length;
  const alongY = Math.sin(turn) * length;
  const acrossX = -Math.sin(turn) * width;
  const acrossY = Math.cos(turn) * width;
  const spreadX = Math.abs(alongX) + Math.abs(acrossX);
  const spreadY = Math.abs(alongY) + Math.abs(acrossY);
  if (!(Math.abs(centreX) < halfX + spreadX && Math.abs(centreY) < halfY + spreadY)) return 0;

  setCorner(0, centreX + alongX + acrossX, centreY + alongY + acrossY);
  setCorner(1, centreX - alongX + acrossX, centreY - alongY + acrossY);
  setCorner(2, centreX - alongX - acrossX, centreY - alongY - acrossY);
  setCorner(3, centreX + alongX - acrossX, centreY + alongY - acrossY);
  let count = clipBelow(4, halfX);
  mirrorX(count);
  count = clipBelow(count, halfX);
  swapAxes();
  count = clipBelow(count, halfY);
  mirrorX(count);
  count = clipBelow(count, halfY);
  return polygonArea(count);
}

function setCorner(i: number, x: number, y: number): void {
  cornersX[i] = x;
  cornersY[i] = y;
}

/** Keeps what lies at x ≤ limit; returns the number of corners left. */
function clipBelow(count: number, limit: number): number {
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const x = cornersX[i];
    const y = cornersY[i];
    const next = i + 1 === count ? 0 : i + 1;
    const isInside = x <= limit;
    if (isInside) {
      clippedX[kept] = x;
      clippedY[kept++] = y;
    }
    if (isInside !== cornersX[next] <= limit) {
      clippedX[kept] = limit;
      clippedY[kept++] = y + ((limit - x) * (cornersY[next] - y)) / (cornersX[next] - x);
    }
  }
  [cornersX, clippedX] = [clippedX, cornersX];
  [cornersY, clippedY] = [clippedY, cornersY];
  return kept;
}

function mirrorX(count: number): void {
  for (let i = 0; i < count; i++) cornersX[i] = -cornersX[i];
}

function swapAxes(): void {
  [cornersX, cornersY] = [cornersY, cornersX];
}

/** Shoelace formula about the first corner; the sign, which the mirrors changed, is dropped. */
function polygonArea(count: number): number {
  let twice = 0;
  for (let i = 2; i < count; i++) {
    const x1 = cornersX[i - 1] - cornersX[0];
    const y1 = cornersY[i - 1] - cornersY[0];
    twice += x1 * (cornersY[i] - cornersY[0]) - y1 * (cornersX[i] - cornersX[0]);
  }
  return Math.abs(twice) / 2;
}
