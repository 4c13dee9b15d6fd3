import { BOX_SIZE, checkPoints, POINT_SIZE } from "./labelled-scan.js";

/**
 * The first box that holds each point, faces included.
 *
 *         y'  dy/2  ┌───────────────┐
 *                   │    · (x', y') │ ─► x' heading        |x'| ≤ dx/2, |y'| ≤ dy/2, |z'| ≤ dz/2
 *                   └───────────────┘ dx/2
 *
 * @param points [n, 4] LiDAR frame, metres
 * @param boxes [m, 7]
 * @returns [n] row of the box, -1 for a point in none
 * @throws RangeError unless the arrays hold whole points and boxes
 */
export function boxOfEachPoint(points: Float32Array, boxes: Float64Array): Int32Array {
  checkPoints("boxOfEachPoint", points);
  if (boxes.length % BOX_SIZE !== 0) {
    throw new RangeError(`boxOfEachPoint: expected [m, ${BOX_SIZE}] for boxes, got ${boxes.length} numbers`);
  }
  const owners = new Int32Array(points.length / POINT_SIZE).fill(-1);
  for (let box = 0; box * BOX_SIZE < boxes.length; box++) {
    const at = box * BOX_SIZE;
    const [x, y, z, dx, dy, dz, yaw] = boxes.subarray(at, at + BOX_SIZE);
    const halfX = dx / 2;
    const halfY = dy / 2;
    const halfZ = dz / 2;
    const reach = halfX + halfY; // no point of the box is farther from its centre, along x or y
    const cos = Math.cos(yaw);
    const sin = Math.sin(yaw);
    for (let i = 0, p = 0; i < owners.length; i++, p += POINT_SIZE) {
      const offsetX = points[p] - x;
      if (offsetX > reach || offsetX < -reach || owners[i] >= 0) continue;
      const offsetY = points[p + 1] - y;
      const along = offsetX * cos + offsetY * sin;
      const across = offsetY * cos - offsetX * sin;
      const inside = Math.abs(along) <= halfX && Math.abs(across) <= halfY && Math.abs(points[p + 2] - z) <= halfZ;
      if (inside) owners[i] = box;
    }
  }
  return owners;
}

/**
 * The points inside one box, faces included, in their order.
 * @param points [n, 4]
 * @param box [7]
 * @returns [k, 4]
 * @throws RangeError unless the arrays hold whole points and one box
 */
export function pointsInBox(points: Float32Array, box: ArrayLike<number>): Float32Array {
  checkPoints("pointsInBox", points);
  if (box.length !== BOX_SIZE) {
    throw new RangeError(`pointsInBox: expected [${BOX_SIZE}] for box, got ${box.length} numbers`);
  }
  const owners = boxOfEachPoint(points, Float64Array.from(box));
  const inside: number[] = [];
  owners.forEach((owner, i) => {
    if (owner === 0) inside.push(i);
  });
  const taken = new Float32Array(inside.length * POINT_SIZE);
  inside.forEach((from, to) => {
    taken.set(points.subarray(from * POINT_SIZE, (from + 1) * POINT_SIZE), to * POINT_SIZE);
  });
  return taken;
}
