export type { EntropyLoss, ProfileTensors, Taps } from "./entropy-loss.js";
export { entropyLoss, measureEntropies } from "./entropy-loss.js";
export type { BlockProfile, EntropyProfile, ProfileOptions } from "./entropy-profile.js";
export { entropyProfile, readEntropyProfile } from "./entropy-profile.js";
export { formatEntropyProfile } from "./format-profile.js";
export type { Coverage, EntropyLossOptions, Estimator, L2Form, Neighbour, TermOptions } from "./options.js";
export { AUTHOR_PRESET, neighbourOf } from "./options.js";
