import type { ExplainedDetection, FrameExplanation } from "./explain-frame.js";

/** Share of what speaks for a box, in percent; a dash where nothing does. */
export function percentOf(share: number | null): string | null {
  return share === null ? null : `${Math.round(100 * share)} %`;
}

/** A line for each detection, for people. */
export function explanationTable({ detections }: FrameExplanation): string {
  const heads = [
    "",
    "class",
    "score",
    "distance",
    "points",
    "found again",
    "removal: in box, near",
    "gradients: in box, near",
  ];
  const lines = detections.map(({ number, type, score, box, points, foundAgain, removal, gradients }) => [
    String(number),
    type,
    score.toFixed(3),
    `${Math.hypot(box[0], box[1]).toFixed(1)} m`,
    String(points),
    foundAgain.toFixed(2),
    `${percentOf(removal.inBox) ?? "–"}, ${percentOf(removal.nearBox) ?? "–"}`,
    `${percentOf(gradients.inBox) ?? "–"}, ${percentOf(gradients.nearBox) ?? "–"}`,
  ]);
  const widths = heads.map((head, column) => Math.max(head.length, ...lines.map((line) => line[column].length)));
  const row = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 1 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join("  ")
      .trimEnd();
  return [heads, ...lines].map(row).join("\n");
}

/** The figures as plain JSON: everything but maps and what single points are worth. */
export function explanationFigures({ detections, layers, draws }: FrameExplanation) {
  const shares = ({ inBox, nearBox }: ExplainedDetection["removal"]) => ({ inBox, nearBox });
  return {
    draws,
    objects: detections.map(({ box, removal, gradients, ...figures }) => ({
      ...figures,
      box: [...box],
      removal: shares(removal),
      gradients: shares(gradients),
    })),
    layers: layers.map(({ block, tap, entropy, channels }, i) => ({
      block,
      tap,
      entropy,
      // Inside a block only: taps of other shapes are samples of other spaces.
      difference: layers[i - 1]?.block === block ? entropy - layers[i - 1].entropy : null,
      channels,
    })),
  };
}
