import type { Calibration } from "../../src/index.js";

/** 4 x 4 matrices as nested arrays: slow, and written without a look at the package. */
export type Matrix4 = readonly (readonly number[])[];

export function multiply(a: Matrix4, b: Matrix4): number[][] {
  return a.map((row) => b[0].map((_, c) => row.reduce((sum, value, k) => sum + value * b[k][c], 0)));
}

export function apply(m: Matrix4, [x, y, z]: readonly number[]): number[] {
  return m.map((row) => row[0] * x + row[1] * y + row[2] * z + row[3]);
}

/** Gauss-Jordan elimination with pivoting. */
export function inverse(m: Matrix4): number[][] {
  const n = m.length;
  const rows = m.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let c = 0; c < n; c++) {
    const pivot = rows
      .map((row, i) => (i < c ? -1 : Math.abs(row[c])))
      .reduce((best, v, i, all) => (v > all[best] ? i : best), c);
    [rows[c], rows[pivot]] = [rows[pivot], rows[c]];
    rows[c] = rows[c].map((value) => value / rows[c][c]);
    for (let r = 0; r < n; r++) if (r !== c) rows[r] = rows[r].map((value, k) => value - rows[r][c] * rows[c][k]);
  }
  return rows.map((row) => row.slice(n));
}

export function lidarToCameraMatrix({ r0Rect: r, veloToCam: t }: Calibration): number[][] {
  const rectify = [
    [r[0], r[1], r[2], 0],
    [r[3], r[4], r[5], 0],
    [r[6], r[7], r[8], 0],
    [0, 0, 0, 1],
  ];
  const extrinsic = [[...t.slice(0, 4)], [...t.slice(4, 8)], [...t.slice(8, 12)], [0, 0, 0, 1]];
  return multiply(rectify, extrinsic);
}

export function imageMatrix({ p2 }: Calibration): number[][] {
  return [[...p2.slice(0, 4)], [...p2.slice(4, 8)], [...p2.slice(8, 12)], [0, 0, 0, 1]];
}

/**
 * Points all over a box as a label gives it, (steps + 1)^3 of them, in the rectified camera frame: a unit cube scaled, turned
 * about y and moved.
 */
export function solidPoints(
  dimensions: readonly number[],
  location: readonly number[],
  rotationY: number,
  steps: number,
): number[][] {
  const [h, w, l] = dimensions;
  const grid = Array.from({ length: steps + 1 }, (_, i) => i / steps);
  const turn = [
    [Math.cos(rotationY), 0, Math.sin(rotationY)],
    [0, 1, 0],
    [-Math.sin(rotationY), 0, Math.cos(rotationY)],
  ];
  return grid.flatMap((a) =>
    grid.flatMap((b) =>
      grid.map((c) => {
        const local = [(a - 0.5) * l, -b * h, (c - 0.5) * w];
        return turn.map((row, i) => row[0] * local[0] + row[1] * local[1] + row[2] * local[2] + location[i]);
      }),
    ),
  );
}
