interface ClassRule {
  readonly positiveIou: number;
  readonly negativeIou: number;
}

/** Corners x0, y0, x1, y1 of the axis-parallel rectangle nearest to a box. */
function nearest([x, y, , dx, dy, , yaw]: readonly number[]): number[] {
  let turn = yaw;
  while (turn >= Math.PI / 2) turn -= Math.PI;
  while (turn < -Math.PI / 2) turn += Math.PI;
  const [w, h] = Math.abs(turn) >= Math.PI / 4 ? [dy, dx] : [dx, dy];
  return [x - w / 2, y - h / 2, x + w / 2, y + h / 2];
}

function iou(a: readonly number[], b: readonly number[]): number {
  const w = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const h = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  return (w * h) / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h);
}

/**
 * Targets from the whole IoU matrix of each class.
 * @returns label of every anchor (−1, 0, 1 + class) and box of the positive ones (else −1)
 */
export function assignOracle(
  anchors: { readonly rows: readonly (readonly number[])[]; readonly labels: ArrayLike<number> },
  objects: { readonly rows: readonly (readonly number[])[]; readonly labels: ArrayLike<number> },
  classes: readonly ClassRule[],
): { labels: number[]; boxes: number[] } {
  const labels = anchors.rows.map(() => 0);
  const boxes = anchors.rows.map(() => -1);
  classes.forEach((rule, label) => {
    const mine = anchors.rows.map((_, i) => i).filter((i) => anchors.labels[i] === label);
    const theirs = objects.rows.map((_, i) => i).filter((i) => objects.labels[i] === label);
    const matrix = mine.map((i) => theirs.map((j) => iou(nearest(anchors.rows[i]), nearest(objects.rows[j]))));
    const best = theirs.map((_, j) => Math.max(...matrix.map((row) => row[j])));
    mine.forEach((anchor, i) => {
      if (theirs.length === 0) return;
      const top = Math.max(...matrix[i]);
      const isClaimed = matrix[i].some((value, j) => value > 0 && Math.abs(value - best[j]) <= 1e-9);
      if (isClaimed || top >= rule.positiveIou) {
        labels[anchor] = 1 + label;
        boxes[anchor] = theirs[matrix[i].indexOf(top)];
      } else if (top >= rule.negativeIou) labels[anchor] = -1;
    });
  });
  return { labels, boxes };
}
