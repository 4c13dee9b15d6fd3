export type { FeatureMap } from "./feature-map.js";
export type { KlEntropyOptions } from "./map-entropy.js";
export {
  authorEntropy,
  authorEntropyOnArrays,
  authorEntropyOnTensors,
  klEntropyOnArrays,
  klEntropyOnTensors,
  klEntropyPerDimension,
} from "./map-entropy.js";
export type { SampleOptions, SampleOrderOptions } from "./sample-entropy.js";
export { klEntropy, klMutualInformation, renyiEntropy, tsallisEntropy } from "./sample-entropy.js";
