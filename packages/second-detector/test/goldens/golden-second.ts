import { readFileSync } from "node:fs";
import { join } from "node:path";
import { goldenPath } from "test-support";

/** One tensor as stored: all of it, or every `rowStep`-th row of [product of all but the last axis, last axis]. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** What golden.json says of a whole tensor, stored in full or not. */
export interface GoldenRecord {
  readonly shape: readonly number[];
  readonly row_step?: number;
  readonly l2: number;
  readonly max_abs: number;
}

interface GoldenIndex {
  readonly scalars: {
    readonly train: Record<string, number>;
    readonly eval: Record<string, number>;
    readonly gradient_norm: number;
    readonly steps: readonly Record<string, number>[];
    readonly steps_small: readonly Record<string, number>[];
    readonly steps_small_unclipped: readonly Record<string, number>[];
  };
  readonly sparse_stages: Record<
    string,
    {
      readonly shape: readonly number[];
      readonly sites: number;
      readonly open_pairs?: number;
      readonly same_pairs?: number;
    }
  >;
  readonly tensors: Record<string, Record<string, GoldenRecord>>;
}

/** Folder of the goldens, or undefined where they are not. */
export const goldenSecond = goldenPath("golden/second");

/** The index of the goldens. */
export function goldenIndex(): GoldenIndex {
  return JSON.parse(readFileSync(join(goldenSecond!, "golden.json"), "utf8"));
}

/** Tensors of `<file>.safetensors` by name, read without the package under test. */
export function goldenTensors(file: string): Map<string, GoldenTensor> {
  const bytes = readFileSync(join(goldenSecond!, `${file}.safetensors`));
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + headerBytes)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = new Map<string, GoldenTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const from = bytes.byteOffset + 8 + headerBytes;
    const body = bytes.buffer.slice(from + entry.data_offsets[0], from + entry.data_offsets[1]);
    const data = entry.dtype === "I32" ? new Int32Array(body) : new Float32Array(body);
    tensors.set(name, { shape: entry.shape, data });
  }
  return tensors;
}

/** The rows of a whole tensor that the goldens store of it. */
export function storedRows(whole: ArrayLike<number>, { shape, row_step: step = 1 }: GoldenRecord): Float32Array {
  const columns = shape[shape.length - 1];
  const rows = whole.length / columns;
  const kept = new Float32Array(Math.ceil(rows / step) * columns);
  for (let row = 0, to = 0; row < rows; row += step) {
    for (let c = 0; c < columns; c++) kept[to++] = whole[row * columns + c];
  }
  return kept;
}
