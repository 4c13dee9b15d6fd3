import { type DetectorConfig, weightShapes } from "second-detector";
import { pretrainedNames, readPretrained } from "second-weights";

/** The published weights whose network, but for the head of classes, is that of a detector: a name of second-weights. */
export function fittingWeights(detector: DetectorConfig): string | undefined {
  return pretrainedNames.find((name) => bodyOf(readPretrained(name).config) === bodyOf(detector));
}

/** Names and shapes of all tensors but the head's, as text. */
function bodyOf(detector: DetectorConfig): string {
  const { trainable, running } = weightShapes(detector);
  return JSON.stringify([...trainable, ...running].filter(([name]) => !name.startsWith("head.")));
}
