export type { AuthorOptions, AuthorResult } from "./author-entropy.js";
export { AUTHOR_SQUARED_FLOOR, authorEntropy, authorEntropyGradient, authorNeighbour } from "./author-entropy.js";
export type { EntropyOptions, EntropyResult } from "./knn-entropy.js";
export { knnEntropy, knnEntropyGradient } from "./knn-entropy.js";
export type { NeighbourOptions } from "./kth-neighbours.js";
export { kthNeighbours } from "./kth-neighbours.js";
export type { KthNeighbours, Norm, Values } from "./samples.js";
export { digamma, logGamma, logUnitBallVolume } from "./special-functions.js";
