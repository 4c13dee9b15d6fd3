import type { ResidualBlock } from "../camera/resnet.js";
import type { DetectorConfig } from "../config/detector-config.js";
import type { NamedArray } from "../named-array.js";
import { detectorLayers } from "../network/detector-layers.js";
import { fromPublicNames, type PublicTensor, type RenamedTensor, renamedUnit } from "./renamed-tensors.js";

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
  tensors: ReadonlyMap<string, PublicTensor>,
  config: DetectorConfig,
): Map<string, NamedArray> {
  const { camera } = detectorLayers(config);
  if (camera === undefined) {
    throw new RangeError(`imageWeightsFromTorchvision: expected a camera in ${config.name}, got none`);
  }
  const { stem, stages } = camera.resnet;
  const table = [
    ...renamedUnit({ products: "conv1", norm: "bn1" }, stem),
    ...stages.flatMap((blocks, s) => blocks.flatMap((block, b) => renamedBlock(`layer${s + 1}.${b}`, block))),
  ];
  return fromPublicNames("imageWeightsFromTorchvision", table, { tensors, ignored: /^fc\./ });
}

function renamedBlock(theirs: string, { first, second, skip }: ResidualBlock): RenamedTensor[] {
  return [
    ...renamedUnit({ products: `${theirs}.conv1`, norm: `${theirs}.bn1` }, first),
    ...renamedUnit({ products: `${theirs}.conv2`, norm: `${theirs}.bn2` }, second),
    ...(skip ? renamedUnit({ products: `${theirs}.downsample.0`, norm: `${theirs}.downsample.1` }, skip) : []),
  ];
}
