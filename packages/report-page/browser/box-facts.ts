import type { PackedBox } from "../src/viewer-frame.js";

/** Where a box comes from: the name of what found it, or a label. */
export interface BoxOrigin {
  readonly name: string;
  readonly isTruth: boolean;
}

/** A box in words: class, whether it is labelled or found, score, size and distance. */
export function boxFacts({ type, box, score }: PackedBox, { name, isTruth }: BoxOrigin): string {
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

/** A heading in whole degrees, -180 up to but not 180, whatever turns it was given with. */
export function headingDegrees(yaw: number): number {
  const degrees = Math.round((180 * yaw) / Math.PI);
  return degrees - 360 * Math.floor((degrees + 180) / 360);
}
