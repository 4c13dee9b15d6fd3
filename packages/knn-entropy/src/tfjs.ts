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
