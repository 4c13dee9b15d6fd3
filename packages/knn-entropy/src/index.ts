export type { AuthorOptions, AuthorResult } from "./estimators/author-entropy.js";
export { authorEntropy, authorEntropyGradient } from "./estimators/author-entropy.js";
export type { ConditionalOptions, ConditionalParts, ConditionalResult } from "./estimators/conditional-information.js";
export { conditionalMutualInformation } from "./estimators/conditional-information.js";
export type { DiscreteOptions, DiscreteResult } from "./estimators/discrete-entropy.js";
export { discreteEntropy } from "./estimators/discrete-entropy.js";
export type { EllipsoidOptions, EllipsoidResult, EllipsoidVariant } from "./estimators/ellipsoid-entropy.js";
export { ellipsoidEntropy, ellipsoidEntropyGradient } from "./estimators/ellipsoid-entropy.js";
export type { KlOptions, KlResult } from "./estimators/kl-entropy.js";
export { klEntropy, klEntropyGradient } from "./estimators/kl-entropy.js";
export type { InformationGradient, KlInformationOptions, KlInformationResult } from "./estimators/kl-information.js";
export { klMutualInformation, klMutualInformationGradient } from "./estimators/kl-information.js";
export type { KsgOptions, KsgResult } from "./estimators/ksg-information.js";
export { ksgMutualInformation } from "./estimators/ksg-information.js";
export type { LncOptions, LncResult } from "./estimators/lnc-information.js";
export { lncMutualInformation } from "./estimators/lnc-information.js";
export type { MixedOptions } from "./estimators/mixed-information.js";
export { mixedMutualInformation } from "./estimators/mixed-information.js";
export type { Noise } from "./estimators/noise.js";
export { addNoise } from "./estimators/noise.js";
export type { OrderOptions, OrderResult, RenyiOptions } from "./estimators/order-entropy.js";
export {
  renyiEntropy,
  renyiEntropyGradient,
  tsallisEntropy,
  tsallisEntropyGradient,
} from "./estimators/order-entropy.js";
export { digamma, logGamma, logUnitBallVolume } from "./estimators/special-functions.js";
export type { Ties } from "./estimators/ties.js";
export type { Units } from "./estimators/units.js";
export type { NeighbourOptions } from "./neighbours/kth-neighbours.js";
export { kthNeighbours } from "./neighbours/kth-neighbours.js";
export type { NearestNeighbours } from "./neighbours/nearest-neighbours.js";
export { nearestNeighbours } from "./neighbours/nearest-neighbours.js";
export type { KthNeighbours, Norm, Values } from "./neighbours/samples.js";
