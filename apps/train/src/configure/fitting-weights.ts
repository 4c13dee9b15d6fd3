import { type DetectorConfig, weightShapes } from "second-detector";
import { pretrainedNames, readPretrained } from "second-weights";

/**
 * The published weights whose network, but for the head of classes, is that of a detector: a name of second-weights. Of several, those
 * that look all round where the detector does.
 */
export function fittingWeights(detector: DetectorConfig): string | undefined {
  const body = bodyOf(detector);
  const fitting = pretrainedNames.filter((name) => bodyOf(readPretrained(name).config) === body);
  return fitting.find((name) => isAllRound(readPretrained(name).config) === isAllRound(detector)) ?? fitting[0];
}

/** Whether it looks behind the sensor, too. */
const isAllRound = ({ pointRange }: DetectorConfig): boolean => pointRange[0] < 0;

/** Names and shapes of all tensors but the head's, as text. */
function bodyOf(detector: DetectorConfig): string {
  const { trainable, running } = weightShapes(detector);
  return JSON.stringify([...trainable, ...running].filter(([name]) => !name.startsWith("head.")));
}
