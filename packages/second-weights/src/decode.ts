export { learntRoad } from "./learnt-road.js";
export { type ModelCard, modelCardSchema } from "./model-card.js";
export { asStored, decodePretrained, encodePretrained, type PretrainedDetector } from "./pretrained-file.js";
export { type UsualEntropies, usualEntropiesSchema } from "./usual-entropies.js";
