export type { PoolUse } from "./array-pool.js";
export { type KernelCount, resetKernelCounts } from "./kernel-counts.js";
export { registerSimdBackend } from "./register.js";
export { type SimdReport, simdReport } from "./report.js";
export { SimdBackend } from "./simd-backend.js";
export { dataOf, float32Of, type NumericArray } from "./tensor-data.js";
