/** A point on the plane. */
export type Point = readonly [number, number];

/**
 * Area that two convex polygons share, without clipping: the corners of the shared polygon are the corners of each
 * that lie in the other, and the points where two sides cross. Those points are put in order of angle around their
 * mean, and the shoelace formula gives the area. Points found twice do no harm. Tolerance 1e-9 m for "lies in", so
 * the area is right to about 1e-9 times the perimeter.
 */
export function polygonIntersectionArea(a: readonly Point[], b: readonly Point[]): number {
  const points = [...a.filter((p) => inside(p, b)), ...b.filter((p) => inside(p, a))];
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < b.length; j++) {
      const crossing = crossingOf(a[i], a[(i + 1) % a.length], b[j], b[(j + 1) % b.length]);
      if (crossing !== undefined) points.push(crossing);
    }
  }
  if (points.length < 3) return 0;
  const centre = [0, 1].map((axis) => points.reduce((sum, p) => sum + p[axis], 0) / points.length);
  const around = points
    .map((p) => [p[0] - centre[0], p[1] - centre[1]])
    .sort((p, q) => Math.atan2(p[1], p[0]) - Math.atan2(q[1], q[0]));
  let twice = 0;
  around.forEach(([x, y], i) => {
    const [nextX, nextY] = around[(i + 1) % around.length];
    twice += x * nextY - y * nextX;
  });
  return Math.abs(twice) / 2;
}

function inside(point: Point, polygon: readonly Point[]): boolean {
  const sides = polygon.map((from, i) => side(from, polygon[(i + 1) % polygon.length], point));
  return sides.every((value) => value >= -1e-9) || sides.every((value) => value <= 1e-9);
}

/** Signed distance of a point from the line through two others. */
function side(from: Point, to: Point, point: Point): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  return (dx * (point[1] - from[1]) - dy * (point[0] - from[0])) / Math.hypot(dx, dy);
}

/** The point where two segments cross, by Cramer's rule; none if they are parallel. */
function crossingOf(a: Point, b: Point, c: Point, d: Point): Point | undefined {
  const [rx, ry] = [b[0] - a[0], b[1] - a[1]];
  const [sx, sy] = [d[0] - c[0], d[1] - c[1]];
  const determinant = rx * sy - ry * sx;
  if (Math.abs(determinant) < 1e-12) return undefined;
  const t = ((c[0] - a[0]) * sy - (c[1] - a[1]) * sx) / determinant;
  const u = ((c[0] - a[0]) * ry - (c[1] - a[1]) * rx) / determinant;
  return t >= 0 && t <= 1 && u >= 0 && u <= 1 ? [a[0] + t * rx, a[1] + t * ry] : undefined;
}
