import type { KernelFamily } from "../kernel-bench.js";
import { batchNorms } from "./batch-norm.js";
import { convolutions } from "./convolutions.js";
import { distances } from "./distances.js";
import { elementwise } from "./elementwise.js";
import { limits } from "./limits.js";
import { nearest } from "./nearest.js";
import { products } from "./products.js";
import { rowMoves } from "./rows.js";
import { rulebooks } from "./rulebooks.js";
import { sparse } from "./sparse.js";

/** Products whose operands are rounded. */
const inBfloat16: KernelFamily = (size) =>
  [products, convolutions, sparse].flatMap((family) => family(size, "bfloat16"));

/** Every row of the table, in its order. */
export const allKernels: KernelFamily = (size) =>
  [
    limits,
    products,
    convolutions,
    sparse,
    inBfloat16,
    rulebooks,
    distances,
    nearest,
    batchNorms,
    elementwise,
    rowMoves,
  ].flatMap((family) => family(size));
