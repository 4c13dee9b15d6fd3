export type { TapModelOptions, TappedModel, TappedOutputs } from "./tap-model.js";
export { tapModel } from "./tap-model.js";
