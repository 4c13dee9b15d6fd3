import * as tf from "@tensorflow/tfjs-core";

const BACKEND = "simd";

/** Whether the current backend runs the fused kernels of this package. */
export function fusedAvailable(): boolean {
  return tf.getBackend() === BACKEND;
}

/** Reads and makes tensors of the backend that a kernel runs on. */
export interface BackendArrays {
  /** The tensor's own array: read it during the kernel, do not keep it. */
  read(tensor: tf.TensorInfo): Float32Array | Int32Array;
  readFloats(tensor: tf.TensorInfo): Float32Array;
  /** An array for a result, its entries of any value. */
  allocate(length: number): Float32Array;
  make(shape: readonly number[], values: Float32Array | Int32Array): tf.TensorInfo;
}

/** The parts of the backend `simd` that the kernels use. */
interface MemoryBackend {
  readonly data: { get(dataId: object): { readonly values: Float32Array | Int32Array } };
  allocate(length: number): Float32Array;
  makeTensorInfo(shape: number[], dtype: "float32" | "int32", values: Float32Array | Int32Array): tf.TensorInfo;
}

type Inputs = Record<string, tf.TensorInfo>;

/**
 * A tfjs kernel of the backend `simd`, as a function. It is registered when it first runs, so that importing this
 * package has no side effect.
 */
export function simdKernel<Attributes extends object, Result extends tf.TensorInfo | tf.TensorInfo[]>(
  kernelName: string,
  compute: (inputs: Inputs, attributes: Attributes, arrays: BackendArrays) => Result,
): (
  inputs: Record<string, tf.Tensor>,
  attributes: Attributes,
) => Result extends tf.TensorInfo[] ? tf.Tensor[] : tf.Tensor {
  const kernelFunc: tf.KernelFunc = ({ inputs, attrs, backend }) => {
    const memory = backend as MemoryBackend;
    return compute(inputs as Inputs, attrs as unknown as Attributes, {
      read: (tensor) => memory.data.get(tensor.dataId).values,
      readFloats: (tensor) => memory.data.get(tensor.dataId).values as Float32Array,
      allocate: (length) => memory.allocate(length),
      make: (shape, values) =>
        memory.makeTensorInfo([...shape], values instanceof Int32Array ? "int32" : "float32", values),
    });
  };
  return (inputs, attributes) => {
    if (tf.getKernel(kernelName, BACKEND) === undefined) {
      tf.registerKernel({ kernelName, backendName: BACKEND, kernelFunc });
    }
    return tf.engine().runKernel(kernelName, inputs, attributes as unknown as tf.NamedAttrMap) as never;
  };
}
