import { addRowTimesMatrix, transposed } from "./add-product.js";
import { flag, index, type OperationTable, reads, updates } from "./operation.js";
import { operandOf, type PrecisionOption, precisionOf, precisionSize } from "./precision.js";

/** Shape and form of a dense product `out[m,n] = op(a) · op(b)`. */
export interface GemmOptions extends PrecisionOption {
  /** rows of `out` and of `op(a)` */
  readonly m: number;
  /** columns of `out` and of `op(b)` */
  readonly n: number;
  /** columns of `op(a)`, rows of `op(b)`; 0 gives a zero product */
  readonly k: number;
  /** `a` is stored [k,m] instead of [m,k] */
  readonly transposeA?: boolean;
  /** `b` is stored [n,k] instead of [k,n] */
  readonly transposeB?: boolean;
  /** add to `out` instead of overwriting it */
  readonly accumulate?: boolean;
}

export interface GemmOperations {
  /** `out[m,n] = op(a) · op(b)`, or `out += …` with `accumulate`. */
  gemm(a: Float32Array, b: Float32Array, out: Float32Array, options: GemmOptions): void;
}

export const gemmOperations: OperationTable<GemmOperations> = {
  gemm: {
    arrays: { a: reads("float32"), b: reads("float32"), out: updates("float32", "accumulate") },
    sizes: {
      ...{ m: index(), n: index(), k: index() },
      ...{ transposeA: flag, transposeB: flag, accumulate: flag, precision: precisionSize },
    },
    arraysOf: (a, b, out) => [a, b, out],
    sizesOf: (_a, _b, _out, options) => [
      options.m,
      options.n,
      options.k,
      options.transposeA,
      options.transposeB,
      options.accumulate,
      precisionOf(options),
    ],
    shapesOf: (_a, _b, _out, { m, n, k, transposeA, transposeB }) => [
      transposeA ? [k, m] : [m, k],
      transposeB ? [n, k] : [k, n],
      [m, n],
    ],
    /** Transposed operands are copied upright first. */
    plain(a, b, out, options) {
      const { m, n, k, transposeA, transposeB, accumulate } = options;
      const [left, right] = [operandOf(a, options), operandOf(b, options)];
      const rows = transposeA ? transposed(left, 0, k, m) : left; // [m,k]
      const matrix = transposeB ? transposed(right, 0, n, k) : right; // [k,n]
      if (!accumulate) out.fill(0);
      const product = { row: rows, matrix, matrixAt: 0, out, k, n };
      for (let i = 0; i < m; i++) addRowTimesMatrix({ ...product, rowAt: i * k, outAt: i * n });
    },
  },
};
