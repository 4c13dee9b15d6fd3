import type { DetectorConfig } from "../config/detector-config.js";
import type { NamedArray } from "../named-array.js";
import { detectorLayers, detectorUnits } from "../network/detector-layers.js";
import type { Unit } from "../network/unit.js";
import { checkWeightArrays } from "../weights.js";

/**
 * Batch norm with running statistics folded into the convolution before it, so that a unit is relu(conv(x) + bias):
 *
 *     scale = gamma / √(variance + epsilon)      per output channel
 *     weight' = weight · scale,  bias' = beta + (bias − mean) · scale
 *
 * Computed in float64, each value rounded once. Units without a norm, such as the heads, pass as they are.
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
  checkWeightArrays("foldBatchNorm", config, arrays);
  const units = detectorUnits({ ...detectorLayers(config), camera: undefined });
  return new Map(
    units.flatMap((unit) => {
      const { weight, bias } = foldUnit(unit, arrays);
      return [[`${unit.name}.weight`, weight] as const, [`${unit.name}.bias`, bias] as const];
    }),
  );
}

function foldUnit(unit: Unit, arrays: ReadonlyMap<string, NamedArray>): Record<"weight" | "bias", NamedArray> {
  const { name, norm, kind, inChannels, outChannels } = unit;
  const weight = arrays.get(`${name}.weight`)!;
  const bias = arrays.get(`${name}.bias`) ?? { shape: [outChannels], data: new Float32Array(outChannels) };
  if (norm === undefined) return { weight, bias };
  const [gamma, beta, mean, variance] = ["gamma", "beta", "mean", "var"].map(
    (part) => arrays.get(`${name}.bn.${part}`)!.data,
  );
  const scale = Float64Array.from(gamma, (g, c) => {
    if (!(variance[c] + norm.epsilon > 0)) {
      throw new RangeError(
        `foldBatchNorm: expected a variance above −${norm.epsilon} for ${name}.bn.var, got ${variance[c]}`,
      );
    }
    return g / Math.sqrt(variance[c] + norm.epsilon);
  });
  // The filter's numbers from one output channel to the next.
  const step = kind.lastAxis === "out" ? 1 : inChannels;
  return {
    weight: {
      shape: weight.shape,
      data: weight.data.map((value, i) => value * scale[Math.floor(i / step) % outChannels]),
    },
    bias: { shape: bias.shape, data: bias.data.map((value, c) => beta[c] + (value - mean[c]) * scale[c]) },
  };
}
