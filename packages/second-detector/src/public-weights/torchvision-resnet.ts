import type { ResidualBlock } from "../camera/resnet-layers.js";
import type { DetectorConfig } from "../config/detector-config.js";
import { type DenseLayer, detectorLayers } from "../network/layers.js";
import type { NamedArray } from "../weights.js";
import { CONVOLUTION, fromPublicNames, type RenamedTensor, renamedNorm } from "./renamed-tensors.js";

/**
 * Weights of the image's ResNet-18 out of a file with torchvision's names, as `createWeights` takes them:
 *
 *     conv1, bn1                          stem
 *     layer<s>.<b>.conv1, .bn1            stage<s>.<b>.first
 *     layer<s>.<b>.conv2, .bn2            stage<s>.<b>.second
 *     layer<s>.<b>.downsample.0, .1       stage<s>.<b>.skip
 *     fc.*                                nothing here
 *
 * Filters [out, in, kh, kw] become [kh, kw, in, out]. The first filter takes the image's channels as they come: `order`,
 * `mean` and `deviation` of the configuration have to be those of the weights.
 * @throws RangeError if the configuration has no camera; as {@link fromPublicNames}
 */
export function imageWeightsFromTorchvision(
  arrays: ReadonlyMap<string, NamedArray>,
  config: DetectorConfig,
): Map<string, NamedArray> {
  const { camera } = detectorLayers(config);
  if (camera === undefined) {
    throw new RangeError(`imageWeightsFromTorchvision: expected a camera in ${config.name}, got none`);
  }
  const { stem, stages } = camera.resnet;
  const table = [
    ...renamedUnit("conv1", "bn1", stem),
    ...stages.flatMap((blocks, s) => blocks.flatMap((block, b) => renamedBlock(`layer${s + 1}.${b}`, block))),
  ];
  return fromPublicNames("imageWeightsFromTorchvision", table, { arrays, ignored: /^fc\./ });
}

function renamedBlock(theirs: string, { first, second, skip }: ResidualBlock): RenamedTensor[] {
  return [
    ...renamedUnit(`${theirs}.conv1`, `${theirs}.bn1`, first),
    ...renamedUnit(`${theirs}.conv2`, `${theirs}.bn2`, second),
    ...(skip ? renamedUnit(`${theirs}.downsample.0`, `${theirs}.downsample.1`, skip) : []),
  ];
}

function renamedUnit(conv: string, norm: string, layer: DenseLayer): RenamedTensor[] {
  const { name, kernel, inChannels, outChannels } = layer;
  const shape = [kernel, kernel, inChannels, outChannels];
  return [
    { theirs: `${conv}.weight`, ours: `${name}.weight`, shape, axes: CONVOLUTION },
    ...renamedNorm(norm, name, outChannels),
  ];
}
