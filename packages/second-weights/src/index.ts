export * from "./decode.js";
export { type PretrainedName, pretrainedNames, pretrainedUrl, readPretrained } from "./read-pretrained.js";
