import * as tf from "@tensorflow/tfjs-core";
import type { Units } from "../estimators/units.js";
import * as arrays from "../index.js";
import type { Norm } from "../neighbours/samples.js";

/** Options of entropies of samples [N, D]. */
export interface SampleOptions {
  /** which neighbour, 1 ≤ k < N */
  readonly k: number;
  /** default `euclidean` */
  readonly norm?: Norm;
  /** smallest radius, in the unit of x; default 0 */
  readonly floor?: number;
  /** default `nats` */
  readonly units?: Units;
}

/** Options of {@link renyiEntropy} and, without units, {@link tsallisEntropy}. */
export interface SampleOrderOptions extends SampleOptions {
  /** order, a finite number below k + 1 */
  readonly q: number;
}

/**
 * Kozachenko–Leonenko entropy of samples, as `klEntropy` of the main entry: the tensor is read and the work done in float64
 * on arrays, on whichever backend can be read synchronously. Differentiable once, through the k-th neighbours.
 * @param x [N, D] float32
 * @returns scalar
 * @throws TypeError for another dtype, RangeError for another rank or bad options
 */
export function klEntropy(x: tf.Tensor2D, options: SampleOptions): tf.Scalar {
  return ofSamples("klEntropy", [x], ([samples]) => {
    const setting = { ...options, ...sizeOf(x) };
    const result = arrays.klEntropy(samples, setting);
    return { value: result.entropy, gradients: () => [arrays.klEntropyGradient(samples, result, setting)] };
  });
}

/** Rényi entropy of samples [N, D], as `renyiEntropy` of the main entry; otherwise as {@link klEntropy}. */
export function renyiEntropy(x: tf.Tensor2D, options: SampleOrderOptions): tf.Scalar {
  return ofSamples("renyiEntropy", [x], ([samples]) => {
    const setting = { ...options, ...sizeOf(x) };
    const result = arrays.renyiEntropy(samples, setting);
    return { value: result.entropy, gradients: () => [arrays.renyiEntropyGradient(samples, result, setting)] };
  });
}

/** Tsallis entropy of samples [N, D], as `tsallisEntropy` of the main entry; otherwise as {@link klEntropy}. */
export function tsallisEntropy(x: tf.Tensor2D, options: Omit<SampleOrderOptions, "units">): tf.Scalar {
  return ofSamples("tsallisEntropy", [x], ([samples]) => {
    const setting = { ...options, ...sizeOf(x) };
    const result = arrays.tsallisEntropy(samples, setting);
    return { value: result.entropy, gradients: () => [arrays.tsallisEntropyGradient(samples, result, setting)] };
  });
}

/**
 * H(X) + H(Y) − H(X,Y) of samples x [N, Dx] and y [N, Dy], as `klMutualInformation` of the main entry, differentiable with
 * respect to both; otherwise as {@link klEntropy}.
 */
export function klMutualInformation(x: tf.Tensor2D, y: tf.Tensor2D, options: SampleOptions): tf.Scalar {
  return ofSamples("klMutualInformation", [x, y], ([xs, ys]) => {
    const setting = { ...options, rows: x.shape[0], xDims: x.shape[1], yDims: y.shape[1] };
    const result = arrays.klMutualInformation(xs, ys, setting);
    const gradients = () => {
      const gradient = arrays.klMutualInformationGradient({ x: xs, y: ys }, result, setting);
      return [gradient.x, gradient.y];
    };
    return { value: result.information, gradients };
  });
}

/** A value of some arrays of samples, and how to get its gradient with respect to each. */
interface Measured {
  readonly value: number;
  readonly gradients: () => readonly Float64Array[];
}

/** A differentiable scalar op on the values of tensors. Copies are kept until the gradient, which needs the samples. */
function ofSamples(
  where: string,
  tensors: readonly tf.Tensor2D[],
  measure: (samples: readonly Float32Array[]) => Measured,
): tf.Scalar {
  tensors.forEach((tensor, i) => {
    checkSamplesTensor(where, i === 0 ? "x" : "y", tensor);
  });
  const op = tf.customGrad((...inputs) => {
    const given = inputs.slice(0, tensors.length) as tf.Tensor[];
    const { value, gradients } = measure(given.map((tensor) => tensor.dataSync().slice() as Float32Array));
    const gradFunc = (outGradient: tf.Tensor) => {
      const factor = outGradient.dataSync()[0];
      return gradients().map((gradient, i) => {
        return tf.tensor(
          Float32Array.from(gradient, (entry) => factor * entry),
          given[i].shape,
          "float32",
        );
      });
    };
    return { value: tf.scalar(value), gradFunc };
  });
  return op(...tensors) as tf.Scalar;
}

function sizeOf(x: tf.Tensor2D) {
  return { rows: x.shape[0], dims: x.shape[1] };
}

function checkSamplesTensor(where: string, name: string, x: tf.Tensor): void {
  if (x.dtype !== "float32") throw new TypeError(`${where}: expected a float32 tensor for ${name}, got ${x.dtype}`);
  if (x.rank !== 2) throw new RangeError(`${where}: expected a tensor [N,D] for ${name}, got [${x.shape}]`);
}
