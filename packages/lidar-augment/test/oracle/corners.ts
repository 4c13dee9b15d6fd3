/** Corners of a box on the ground, counter-clockwise from front left. */
export function corners([x, y, , dx, dy, , yaw]: ArrayLike<number> & Iterable<number>): [number, number][] {
  return [
    [dx / 2, dy / 2],
    [-dx / 2, dy / 2],
    [-dx / 2, -dy / 2],
    [dx / 2, -dy / 2],
  ].map(([a, b]) => [x + a * Math.cos(yaw) - b * Math.sin(yaw), y + a * Math.sin(yaw) + b * Math.cos(yaw)]);
}

/** Whether a point lies left of, or on, every side: counts in no frame but the scan's own. */
export function insideByCorners(point: ArrayLike<number>, box: Float64Array, slack = 0): boolean {
  const around = corners(box);
  const onGround = around.every(([x, y], i) => {
    const [nextX, nextY] = around[(i + 1) % 4];
    const side = Math.hypot(nextX - x, nextY - y);
    return ((nextX - x) * (point[1] - y) - (nextY - y) * (point[0] - x)) / side >= -slack;
  });
  return onGround && Math.abs(point[2] - box[2]) <= box[5] / 2 + slack;
}

/** Whether two boxes share ground: a corner of one lies in the other, or two of their sides cross. */
export function shareGround(a: Float64Array, b: Float64Array): boolean {
  const flat = (box: Float64Array) => Float64Array.from(box, (value, k) => (k === 2 ? 0 : value));
  const [boxA, boxB] = [flat(a), flat(b)];
  const holds = (box: Float64Array, [x, y]: [number, number]) => insideByCorners([x, y, 0], box);
  const sides = (box: Float64Array) => corners(box).map((from, i, all) => [from, all[(i + 1) % 4]] as const);
  return (
    corners(boxA).some((corner) => holds(boxB, corner)) ||
    corners(boxB).some((corner) => holds(boxA, corner)) ||
    sides(boxA).some((one) => sides(boxB).some((other) => cross(one, other)))
  );
}

type Side = readonly [readonly [number, number], readonly [number, number]];

function cross([p, q]: Side, [r, s]: Side): boolean {
  const turn = ([ax, ay]: readonly number[], [bx, by]: readonly number[], [cx, cy]: readonly number[]) =>
    Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));
  return turn(p, q, r) !== turn(p, q, s) && turn(r, s, p) !== turn(r, s, q);
}
