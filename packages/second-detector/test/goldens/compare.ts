import * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { goldenIndex, goldenTensors, storedRows } from "./golden-second.js";

/** The number of a scalar, on any backend. */
export async function numberOf(scalar: tf.Tensor): Promise<number> {
  return (await scalar.data())[0];
}

/** Fails if `actual` misses `expected` by more than `tolerance`, relative. */
export function expectNear(actual: number, expected: number, tolerance: number, what: string): void {
  expect(Math.abs(actual / expected - 1), what).toBeLessThanOrEqual(tolerance);
}

/** ‖actual − expected‖₂ / ‖expected‖₂, or over 1 if that is all zeros. */
function l2Error(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let error = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    error += (actual[i] - expected[i]) ** 2;
    norm += expected[i] ** 2;
  }
  return Math.sqrt(error) / (Math.sqrt(norm) || 1);
}

/** Largest difference over `scale`, or over 1 if that is 0. */
function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>, scale: number): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let error = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    if (!(difference <= error)) error = difference;
  }
  return error / (scale || 1);
}

/** Which tensors of a golden file to compare, and how. */
export interface Comparison {
  /** of the names in the file, left out of those of `actual` */
  readonly prefix?: string;
  readonly tolerance: number;
  /** largest: of the largest entry of the whole tensor, which the stored rows may miss */
  readonly norm: "l2" | "largest";
}

/** Fails with the names and errors of those tensors of a golden file that `actual` misses by more than the tolerance. */
export async function expectGolden(
  file: string,
  actual: ReadonlyMap<string, tf.Tensor>,
  { prefix = "", tolerance, norm }: Comparison,
): Promise<void> {
  const records = goldenIndex().tensors[file];
  const stored = goldenTensors(file);
  const failing: { name: string; error: number }[] = [];
  for (const [name, tensor] of actual) {
    const golden = prefix + name;
    const rows = storedRows(await tensor.data(), records[golden]);
    const expected = stored.get(golden)!.data;
    const error = norm === "l2" ? l2Error(rows, expected) : largestError(rows, expected, records[golden].max_abs);
    if (!(error <= tolerance)) failing.push({ name: golden, error });
  }
  expect(failing).toEqual([]);
}

/** Names in a golden file that begin with `prefix`, without it. */
export function goldenNames(file: string, prefix = ""): string[] {
  return [...goldenTensors(file).keys()]
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length));
}

/** A hook that keeps a copy of every stage under its name: stages can be read when the pass is over, on any backend. */
export function stageKeeper() {
  const stages = new Map<string, tf.Tensor>();
  const onStage = (name: string, stage: tf.Tensor): undefined => {
    stages.set(name, tf.keep(tf.clone(stage)));
  };
  return { stages, onStage };
}
