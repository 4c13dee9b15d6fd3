import { kernels } from "simd-kernels";
import type { NumericArray } from "./tensor-data.js";

/** An array seen through a start and one step per axis; steps may be 0 (repeat) or negative (reverse). */
export interface StridedView {
  readonly values: NumericArray;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** Rows at least this long are moved by `TypedArray.set`, which has a fixed cost. */
const LONG_ROW = 48;

/** Copies at least this long are shared out among threads, where they are columns of two matrices or whole rows. */
const LONG_COPY = 1 << 16;

/** Rows at least this long are worth an index each. */
const LEAST_GATHERED = 16;

/** Side of the square tiles of a transposition: 32 rows of 32 float32 stay in the first-level cache. */
const TILE = 32;

/**
 * `out[i] = x[i]` for every index i of `shape`, both read through their strides: transposition, slicing, padding, tiling
 * and reversal are all this one copy.
 */
export function copyStrided(x: StridedView, out: StridedView, shape: readonly number[]): void {
  const axes = mergeAxes(x.strides, out.strides, shape);
  if (axes.some((axis) => axis.length === 0)) return;
  if (gatherWholeRows(x, out, axes)) return;
  while (axes.length < 2) axes.unshift({ length: 1, from: 0, to: 0 });
  const last = axes.length - 1;
  if (axes[last].from !== 1) {
    const unit = axes.findIndex((axis) => axis.from === 1);
    if (unit >= 0 && unit < last) axes.splice(last - 1, 0, ...axes.splice(unit, 1)); // transpose: see copyPlane
  }
  copyAxis(x.values, x.offset, out.values, out.offset, axes, 0);
}

interface Axis {
  readonly length: number;
  readonly from: number;
  readonly to: number;
}

/** Drops axes of length 1 and joins neighbours that step through memory as one. */
function mergeAxes(from: readonly number[], to: readonly number[], shape: readonly number[]): Axis[] {
  const axes: Axis[] = [];
  for (let i = 0; i < shape.length; i++) {
    if (shape[i] === 1) continue;
    const axis = { length: shape[i], from: from[i], to: to[i] };
    const outer = axes[axes.length - 1];
    if (outer && outer.from === axis.from * axis.length && outer.to === axis.to * axis.length) {
      axes[axes.length - 1] = { ...axis, length: outer.length * axis.length };
    } else {
      axes.push(axis);
    }
  }
  return axes;
}

/**
 * Where the result is one run of rows, each of them a whole row of `x` as a matrix of the same width: a gather, which runs on all
 * threads. Such is a transposition that leaves the last axis where it is.
 * @returns whether it was that
 */
function gatherWholeRows(x: StridedView, out: StridedView, axes: readonly Axis[]): boolean {
  if (axes.length < 3 || !(x.values instanceof Float32Array) || !(out.values instanceof Float32Array)) return false;
  const columns = axes[axes.length - 1].length;
  const rows = axes.slice(0, -1).reduce((product, { length }) => product * length, 1);
  const isLong = columns >= LEAST_GATHERED && rows * columns >= LONG_COPY;
  if (!isLong || axes[axes.length - 1].from !== 1 || out.offset !== 0 || out.values.length !== rows * columns)
    return false;
  if (x.values.length % columns !== 0 || x.offset % columns !== 0) return false;
  let run = 1;
  for (const { length, from, to } of [...axes].reverse()) {
    if (to !== run || (run > 1 && from % columns !== 0)) return false;
    run *= length;
  }
  const indices = new Int32Array(rows);
  let filled = 1;
  indices[0] = x.offset / columns;
  for (const { length, from } of axes.slice(0, -1).reverse()) {
    for (let i = 1; i < length; i++) {
      for (let row = 0; row < filled; row++) indices[i * filled + row] = indices[row] + (i * from) / columns;
    }
    filled *= length;
  }
  kernels().gatherRows(x.values, indices, out.values, { rows: x.values.length / columns, columns });
  return true;
}

function copyAxis(x: NumericArray, from: number, out: NumericArray, to: number, axes: readonly Axis[], at: number) {
  if (at === axes.length - 2) {
    copyPlane(x, from, out, to, axes[at], axes[at + 1]);
    return;
  }
  const axis = axes[at];
  for (let i = 0; i < axis.length; i++) {
    copyAxis(x, from + i * axis.from, out, to + i * axis.to, axes, at + 1);
  }
}

function copyPlane(x: NumericArray, from: number, out: NumericArray, to: number, rows: Axis, columns: Axis) {
  if (columns.from === 1 && columns.to === 1) copyRows(x, from, out, to, rows, columns.length);
  else if (rows.from === 1 && rows.length > 4) copyTransposed(x, from, out, to, rows, columns);
  else copyElements(x, from, out, to, rows, columns);
}

function copyRows(x: NumericArray, from: number, out: NumericArray, to: number, rows: Axis, length: number) {
  if (rows.length * length >= LONG_COPY && x instanceof Float32Array && out instanceof Float32Array) {
    const sizes = { xColumns: rows.from, xFirst: from, outColumns: rows.to, outFirst: to };
    const areMatrices = x.length === rows.length * rows.from && out.length === rows.length * rows.to;
    if (areMatrices && from + length <= rows.from && to + length <= rows.to) {
      kernels().copyColumns(x, out, { rows: rows.length, columns: length, ...sizes });
      return;
    }
  }
  for (let r = 0; r < rows.length; r++) {
    const start = from + r * rows.from;
    const target = to + r * rows.to;
    if (length >= LONG_ROW) out.set(x.subarray(start, start + length), target);
    else for (let c = 0; c < length; c++) out[target + c] = x[start + c];
  }
}

function copyElements(x: NumericArray, from: number, out: NumericArray, to: number, rows: Axis, columns: Axis) {
  const { from: fromStep, to: toStep, length } = columns;
  for (let r = 0; r < rows.length; r++) {
    let source = from + r * rows.from;
    let target = to + r * rows.to;
    for (let c = 0; c < length; c++) {
      out[target] = x[source];
      source += fromStep;
      target += toStep;
    }
  }
}

/** Tile by tile, so that the cache lines read for one row of the result still hold the next ones. */
function copyTransposed(x: NumericArray, from: number, out: NumericArray, to: number, rows: Axis, columns: Axis) {
  for (let r0 = 0; r0 < rows.length; r0 += TILE) {
    const height = Math.min(TILE, rows.length - r0);
    for (let c0 = 0; c0 < columns.length; c0 += TILE) {
      const width = Math.min(TILE, columns.length - c0);
      copyElements(
        x,
        from + r0 * rows.from + c0 * columns.from,
        out,
        to + r0 * rows.to + c0 * columns.to,
        { ...rows, length: height },
        { ...columns, length: width },
      );
    }
  }
}
