interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Area that two turned rectangles share, by another way than clipping: corners of one inside the other and crossings of
 * sides, ordered by angle about their mean, then triangles.
 * @param a x, y, z, dx, dy, dz, yaw
 */
export function overlapOracle(a: readonly number[], b: readonly number[]): number {
  const cornersA = corners(a);
  const cornersB = corners(b);
  const points = [
    ...cornersA.filter((point) => isInside(point, b)),
    ...cornersB.filter((point) => isInside(point, a)),
    ...cornersA.flatMap((p, i) =>
      cornersB.flatMap((q, j) => crossing([p, cornersA[(i + 1) % 4]], [q, cornersB[(j + 1) % 4]])),
    ),
  ];
  if (points.length < 3) return 0;
  const centre = {
    x: points.reduce((sum, { x }) => sum + x, 0) / points.length,
    y: points.reduce((sum, { y }) => sum + y, 0) / points.length,
  };
  const angle = ({ x, y }: Point) => Math.atan2(y - centre.y, x - centre.x);
  points.sort((p, q) => angle(p) - angle(q));
  return points.reduce((area, p, i) => {
    const q = points[(i + 1) % points.length];
    return area + ((p.x - centre.x) * (q.y - centre.y) - (q.x - centre.x) * (p.y - centre.y)) / 2;
  }, 0);
}

/** Intersection over union of two turned rectangles. */
export function iouOracle(a: readonly number[], b: readonly number[]): number {
  const shared = overlapOracle(a, b);
  return shared / (a[3] * a[4] + b[3] * b[4] - shared);
}

/** Greedy suppression straight from its definition, over sorted [box, score] pairs. */
export function nmsOracle(
  boxes: readonly (readonly number[])[],
  scores: readonly number[],
  threshold: number,
): number[] {
  const order = scores.map((_, i) => i).sort((i, j) => scores[j] - scores[i] || i - j);
  const kept: number[] = [];
  for (const i of order) if (kept.every((k) => iouOracle(boxes[k], boxes[i]) <= threshold)) kept.push(i);
  return kept;
}

function corners([x, y, , dx, dy, , yaw]: readonly number[]): Point[] {
  const signs = [
    [1, 1],
    [-1, 1],
    [-1, -1],
    [1, -1],
  ];
  return signs.map(([sx, sy]) => ({
    x: x + (Math.cos(yaw) * sx * dx) / 2 - (Math.sin(yaw) * sy * dy) / 2,
    y: y + (Math.sin(yaw) * sx * dx) / 2 + (Math.cos(yaw) * sy * dy) / 2,
  }));
}

function isInside(point: Point, [x, y, , dx, dy, , yaw]: readonly number[]): boolean {
  const along = Math.cos(yaw) * (point.x - x) + Math.sin(yaw) * (point.y - y);
  const across = Math.cos(yaw) * (point.y - y) - Math.sin(yaw) * (point.x - x);
  return Math.abs(along) <= dx / 2 + 1e-12 && Math.abs(across) <= dy / 2 + 1e-12;
}

function crossing([p, q]: [Point, Point], [r, s]: [Point, Point]): Point[] {
  const area = (a: Point, b: Point, c: Point) => (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
  const [d1, d2, d3, d4] = [area(r, s, p), area(r, s, q), area(p, q, r), area(p, q, s)];
  if (d1 * d2 >= 0 || d3 * d4 >= 0) return [];
  const t = d1 / (d1 - d2);
  return [{ x: p.x + t * (q.x - p.x), y: p.y + t * (q.y - p.y) }];
}
