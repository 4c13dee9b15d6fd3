import type { DetectorConfig } from "../config/detector-config.js";
import { detectorLayers } from "../network/layers.js";
import { allShapes, checkArrays, type NamedArray, weightShapes } from "../weights.js";

/**
 * Batch norm with running statistics folded into the convolution before it, so that a unit is relu(conv(x) + bias):
 *
 *     scale = gamma / √(variance + epsilon)      per output channel
 *     weight' = weight · scale,  bias = beta − mean · scale
 *
 * Computed in float64, each value rounded once. The heads have a bias and no norm and pass as they are.
 *
 * @param arrays what `weightsToArrays` gives
 * @returns `<layer>.weight`, in the layout of `Weights`, and `<layer>.bias` [channels] of every layer but those of a camera
 *   branch, in the order of the data's flow
 * @throws RangeError if the arrays do not fit the configuration (as `weightsFromArrays`), or a channel has a variance
 *   of −epsilon or less
 */
export function foldBatchNorm(
  arrays: ReadonlyMap<string, NamedArray>,
  config: DetectorConfig,
): Map<string, NamedArray> {
  checkArrays("foldBatchNorm", allShapes(weightShapes(config)), arrays);
  const { encoder, backbone, neck, head } = detectorLayers(config);
  const folded = new Map<string, NamedArray>();
  for (const { name } of [...encoder.layers, ...backbone.flat(), ...neck]) {
    const norm = affineOf(name, arrays, config.batchNorm.epsilon);
    const weight = arrays.get(`${name}.weight`)!;
    // A transposed convolution keeps its output channels before the input ones, every other layer last.
    const inner = name.startsWith("neck.") ? weight.shape[weight.shape.length - 1] : 1;
    folded.set(`${name}.weight`, { shape: weight.shape, data: scaleChannels(weight.data, norm.scale, inner) });
    folded.set(`${name}.bias`, { shape: [norm.shift.length], data: Float32Array.from(norm.shift) });
  }
  for (const { name } of Object.values(head)) {
    for (const part of [`${name}.weight`, `${name}.bias`]) folded.set(part, arrays.get(part)!);
  }
  return folded;
}

/** Batch norm as x·scale + shift, each [channels]. */
function affineOf(layer: string, arrays: ReadonlyMap<string, NamedArray>, epsilon: number) {
  const [gamma, beta, mean, variance] = ["gamma", "beta", "mean", "var"].map(
    (part) => arrays.get(`${layer}.bn.${part}`)!.data,
  );
  const scale = Float64Array.from(gamma, (g, c) => {
    if (!(variance[c] + epsilon > 0)) {
      throw new RangeError(
        `foldBatchNorm: expected a variance above −${epsilon} for ${layer}.bn.var, got ${variance[c]}`,
      );
    }
    return g / Math.sqrt(variance[c] + epsilon);
  });
  return { scale, shift: Float64Array.from(beta, (b, c) => b - mean[c] * scale[c]) };
}

/** `weight` [..., channels, inner] times `scale` [channels]. */
function scaleChannels(weight: Float32Array, scale: Float64Array, inner: number): Float32Array {
  const scaled = new Float32Array(weight.length);
  for (let i = 0; i < scaled.length; i++) scaled[i] = weight[i] * scale[Math.floor(i / inner) % scale.length];
  return scaled;
}
