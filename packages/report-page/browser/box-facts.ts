import type { PackedBox } from "../src/viewer-frame.js";
import type { SourceBoxes } from "./shown-boxes.js";

/** A box in words: class, whether it is labelled or found, score, size and distance. */
export function boxFacts(
  { type, box, score }: PackedBox,
  { name, isTruth }: Pick<SourceBoxes, "name" | "isTruth">,
): string {
  const [x, y, , ...size] = box;
  const facts = [
    type,
    isTruth ? "ground truth" : `detection (${name})`,
    ...(score === null ? [] : [`score ${score.toFixed(2)}`]),
    `${size
      .slice(0, 3)
      .map((metres) => metres.toFixed(2))
      .join(" × ")} m`,
    `${Math.hypot(x, y).toFixed(1)} m away`,
  ];
  return facts.join(" · ");
}
