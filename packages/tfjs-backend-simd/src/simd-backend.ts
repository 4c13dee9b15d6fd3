import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";

/**
 * The `simd` backend: the memory, dispose and read semantics of TensorFlow.js' `cpu` backend, whose kernels are
 * replaced by faster ones (see `registerSimdBackend`). A tensor's values are one plain typed array in `data`.
 */
export class SimdBackend extends MathBackendCPU {
  constructor() {
    super();
    // The base class greets its first tensor in Node with an advertisement for another backend.
    (this as unknown as { firstUse: boolean }).firstUse = false;
  }
}
