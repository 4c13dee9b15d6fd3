import { broadcast_util } from "@tensorflow/tfjs-core";
import type { BroadcastMode } from "simd-kernels";
import { sizeOf } from "./tensor-data.js";

/** Where one [rows, columns] block of a broadcast operation starts in each operand and in the result. */
export interface BroadcastBlock {
  readonly a: number;
  readonly b: number;
  readonly out: number;
}

/** A broadcast operation of any rank as equal [rows, columns] blocks, each with one of the modes of simd-kernels. */
export interface BroadcastPlan {
  readonly shape: number[];
  readonly rows: number;
  readonly columns: number;
  readonly aMode: BroadcastMode;
  readonly bMode: BroadcastMode;
  readonly blocks: readonly BroadcastBlock[];
}

/** Neighbouring axes on which neither operand starts or stops repeating. */
interface Group {
  readonly length: number;
  readonly aRepeats: boolean;
  readonly bRepeats: boolean;
}

/**
 * Plans `a op b` for two shapes that broadcast against each other.
 * @throws Error from tfjs if they do not
 */
export function planBroadcast(aShape: readonly number[], bShape: readonly number[]): BroadcastPlan {
  const shape = broadcast_util.assertAndGetBroadcastShape(aShape as number[], bShape as number[]);
  const groups = groupAxes(aShape, bShape, shape);
  while (groups.length < 2) groups.unshift({ length: 1, aRepeats: true, bRepeats: true });
  const [row, column] = groups.slice(-2);
  return {
    shape,
    rows: row.length,
    columns: column.length,
    aMode: modeOf(row.aRepeats, column.aRepeats, row.length),
    bMode: modeOf(row.bRepeats, column.bRepeats, row.length),
    blocks: sizeOf(shape) === 0 ? [] : blocksOf(groups),
  };
}

function groupAxes(aShape: readonly number[], bShape: readonly number[], shape: readonly number[]): Group[] {
  const groups: Group[] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    if (shape[axis] === 1) continue;
    const aAxis = axis - (shape.length - aShape.length);
    const bAxis = axis - (shape.length - bShape.length);
    const aRepeats = aAxis < 0 || aShape[aAxis] === 1;
    const bRepeats = bAxis < 0 || bShape[bAxis] === 1;
    const outer = groups[groups.length - 1];
    if (outer && outer.aRepeats === aRepeats && outer.bRepeats === bRepeats) {
      groups[groups.length - 1] = { aRepeats, bRepeats, length: outer.length * shape[axis] };
    } else {
      groups.push({ aRepeats, bRepeats, length: shape[axis] });
    }
  }
  return groups;
}

function modeOf(rowRepeats: boolean, columnRepeats: boolean, rows: number): BroadcastMode {
  if (!columnRepeats) return rowRepeats && rows > 1 ? "row" : "full";
  return rowRepeats ? "scalar" : "column";
}

/** One block per index of the leading groups. */
function blocksOf(groups: readonly Group[]): BroadcastBlock[] {
  let blocks: BroadcastBlock[] = [{ a: 0, b: 0, out: 0 }];
  for (let g = 0; g < groups.length - 2; g++) {
    const inner = groups.slice(g + 1);
    const stepOf = (repeats: (group: Group) => boolean) =>
      repeats(groups[g]) ? 0 : sizeOf(inner.map((group) => (repeats(group) ? 1 : group.length)));
    const aStep = stepOf((group) => group.aRepeats);
    const bStep = stepOf((group) => group.bRepeats);
    const outStep = stepOf(() => false);
    blocks = blocks.flatMap((block) =>
      Array.from({ length: groups[g].length }, (_, i) => ({
        a: block.a + i * aStep,
        b: block.b + i * bStep,
        out: block.out + i * outStep,
      })),
    );
  }
  return blocks;
}

/** Length of an operand's part of one block. */
export function operandLength(mode: BroadcastMode, rows: number, columns: number): number {
  if (mode === "full") return rows * columns;
  if (mode === "row") return columns;
  return mode === "column" ? rows : 1;
}
