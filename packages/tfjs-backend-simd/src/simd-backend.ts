import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import type { backend_util, DataType } from "@tensorflow/tfjs-core";
import { kernels, type Precision } from "simd-kernels";
import { ArrayPool, type PoolUse } from "./array-pool.js";

type DataId = Parameters<MathBackendCPU["readSync"]>[0];

/**
 * The `simd` backend: the memory, dispose and read semantics of TensorFlow.js' `cpu` backend, whose kernels are
 * replaced by faster ones (see `registerSimdBackend`). A tensor's values are one plain typed array in `data`.
 *
 * Arrays of freed tensors are used again for the results of later kernels. Values that were read (`dataSync`, `data`,
 * `buffer`) are the reader's: their array is never used again.
 */
export class SimdBackend extends MathBackendCPU {
  readonly #pool = new ArrayPool((length) => kernels().createArray(length));

  /**
   * What operands of convolutions, sparse ones among them, of their gradients and of fused products are rounded to before they are
   * multiplied; sums are float32. Other matrix products are float32 always: they serve interpolation, correlation and statistics.
   */
  precision: Precision = "float32";

  constructor() {
    super();
    // The base class greets its first tensor in Node with an advertisement for another backend.
    (this as unknown as { firstUse: boolean }).firstUse = false;
  }

  /**
   * An array for the result of a kernel, its entries of **any** value: write them all, then hand it to `makeTensorInfo`.
   * @param length number of entries
   */
  allocate(length: number): Float32Array {
    return this.#pool.take(length);
  }

  /** Bytes that tensors use and that wait to be used again. Arrays that came from elsewhere are not counted. */
  get poolUse(): PoolUse {
    return this.#pool.use;
  }

  override write(given: backend_util.BackendValues, shape: number[], dtype: DataType): DataId {
    const values = onFixedMemory(given);
    if (ArrayBuffer.isView(values)) this.#pool.retain(values);
    return super.write(values, shape, dtype);
  }

  override move(id: DataId, given: backend_util.BackendValues, shape: number[], dtype: DataType, count: number): void {
    const values = onFixedMemory(given);
    if (ArrayBuffer.isView(values)) this.#pool.retain(values);
    super.move(id, values, shape, dtype, count);
  }

  override readSync(id: DataId): backend_util.BackendValues {
    const { values } = this.data.get(id);
    if (ArrayBuffer.isView(values)) this.#pool.forget(values);
    return super.readSync(id);
  }

  override disposeData(id: DataId, force = false): boolean {
    const values = this.data.has(id) ? this.data.get(id).values : undefined;
    const disposed = super.disposeData(id, force);
    if (disposed && ArrayBuffer.isView(values)) this.#pool.release(values);
    return disposed;
  }

  override dispose(): void {
    this.#pool.clear();
    super.dispose();
  }
}

/** The values, copied where their memory is shared or resizable: it could change or go while a kernel runs, so that kernels refuse it. */
function onFixedMemory(values: backend_util.BackendValues): backend_util.BackendValues {
  if (!ArrayBuffer.isView(values)) return values;
  const { buffer } = values;
  const isShared = typeof SharedArrayBuffer === "function" && buffer instanceof SharedArrayBuffer;
  return isShared || (buffer as { resizable?: boolean }).resizable ? values.slice() : values;
}
