import { readFileSync } from "node:fs";
import { join } from "node:path";
import { goldenPath, readNpy } from "test-support";

/** One estimate of the oracle. */
export interface GoldenResult {
  readonly estimator: string;
  readonly norm: "euclidean" | "max";
  readonly k: number;
  readonly floor?: number;
  /** order of a Rényi or Tsallis entropy */
  readonly q?: number;
  /** of the ellipsoid correction, and the neighbours inside each ellipsoid */
  readonly variant?: string;
  readonly inEllipsoid?: readonly number[];
  readonly H: number | "-Infinity";
  readonly r?: readonly number[];
  readonly nn?: readonly number[];
  readonly tiedRows?: readonly number[];
  readonly gradDotX?: number;
  readonly gradRowNorm?: readonly number[] | readonly (readonly number[])[];
  readonly grad?: readonly (readonly number[])[];
  readonly gradFile?: string;
  readonly gradRows?: Readonly<Record<string, readonly number[]>>;
}

/** One set of samples with the oracle's estimates. */
export interface GoldenCase {
  readonly name: string;
  readonly shape: readonly number[];
  readonly x: Float32Array | Float64Array;
  readonly results: readonly GoldenResult[];
}

/** The small cases that travel with the package. */
export function fixtureCases(): GoldenCase[] {
  type Stored = Omit<GoldenCase, "x"> & { readonly dtype: string; readonly x: readonly number[] };
  return ["entropy", "more-entropies"].flatMap((name) =>
    readFixture<Stored>(name).map((each) => ({ ...each, x: arrayOf(each.dtype, each.x) })),
  );
}

/** Two variables with the oracle's estimates of their mutual information. */
export interface GoldenPair {
  readonly name: string;
  readonly shapes: readonly [readonly number[], readonly number[]];
  readonly x: Float32Array | Float64Array;
  readonly y: Float32Array | Float64Array;
  readonly results: readonly GoldenInformation[];
}

/** One mutual information of the oracle. */
export interface GoldenInformation extends Omit<GoldenResult, "H"> {
  readonly I: number;
  readonly nx?: readonly number[];
  readonly ny?: readonly number[];
}

/** The pairs that travel with the package. */
export function fixturePairs(): GoldenPair[] {
  type Stored = Omit<GoldenPair, "x" | "y"> & { dtype: string; x: number[]; y: number[] };
  return readFixture<Stored>("mutual-information").map((each) => ({
    ...each,
    x: arrayOf(each.dtype, each.x),
    y: arrayOf(each.dtype, each.y),
  }));
}

/** All pairs, where the golden data is on this machine; none elsewhere. */
export function fullPairs(): GoldenPair[] {
  const folder = goldenPath("golden/knn-entropy");
  if (folder === undefined) return [];
  const text = readFileSync(join(folder, "mutual-information.json"), "utf8");
  type Stored = Omit<GoldenPair, "x" | "y"> & { x: string; y: string };
  return (JSON.parse(text) as { cases: Stored[] }).cases.map((each) => ({
    ...each,
    x: readNpy(join(folder, each.x)).data,
    y: readNpy(join(folder, each.y)).data,
  }));
}

function readFixture<Case>(name: string): Case[] {
  const text = readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8");
  return (JSON.parse(text) as { cases: Case[] }).cases;
}

function arrayOf(dtype: string, values: readonly number[]): Float32Array | Float64Array {
  return dtype === "float32" ? Float32Array.from(values) : Float64Array.from(values);
}

/** All cases, where the golden data is on this machine; none elsewhere. */
export function fullCases(): GoldenCase[] {
  const folder = goldenPath("golden/knn-entropy");
  if (folder === undefined) return [];
  const text = readFileSync(join(folder, "entropy.json"), "utf8");
  return (JSON.parse(text) as { cases: (Omit<GoldenCase, "x"> & { x: string })[] }).cases.map((each) => ({
    ...each,
    x: readNpy(join(folder, each.x)).data,
  }));
}

/** The oracle's gradient, row by row, from wherever the result keeps it; `undefined` if it is stored nowhere. */
export function goldenGradientRows(
  result: Pick<GoldenResult, "grad" | "gradFile" | "gradRows">,
  dims: number,
): Map<number, ArrayLike<number>> | undefined {
  if (result.grad !== undefined) return new Map(result.grad.map((row, index) => [index, row]));
  if (result.gradFile !== undefined) {
    const { data } = readNpy(join(goldenPath("golden/knn-entropy")!, result.gradFile));
    return new Map(
      Array.from({ length: data.length / dims }, (_, row) => [row, data.subarray(row * dims, (row + 1) * dims)]),
    );
  }
  if (result.gradRows === undefined) return undefined;
  return new Map(Object.entries(result.gradRows).map(([row, values]) => [Number(row), values]));
}
