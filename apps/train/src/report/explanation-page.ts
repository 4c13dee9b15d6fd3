import { basename } from "node:path";
import { explanationHtml } from "report-page";
import type { DetectorConfig } from "second-detector";
import { type FrameExplanation, NEAR } from "../explain/explain-frame.js";
import { percentOf } from "../explain/explanation-text.js";
import type { Frame } from "../frames/frame.js";
import { viewerFrame } from "./viewer-frames.js";

/** What a page is about, beside the explanation. */
export interface ExplanationContext {
  readonly frame: Frame;
  readonly config: DetectorConfig;
  /** of the weights, for people */
  readonly name: string;
  /** further lines on how it was made */
  readonly facts: readonly (readonly [string, string])[];
}

/** Of all gradients but the largest, so that a few points do not take all the colours. */
const SHOWN_SHARE = 0.995;

/** An explanation as one HTML file. */
export function explanationPage(
  { detections, layers, draws }: FrameExplanation,
  { frame, config, name, facts }: ExplanationContext,
): string {
  return explanationHtml({
    title: `What ${basename(name)} sees in ${basename(frame.id)}`,
    description:
      "Which points of the scan carry each box, asked in two ways, and what every layer of the backbone makes of the scan.",
    pointRange: config.pointRange,
    frame: viewerFrame(frame),
    methods: [
      {
        name: "by removal",
        note: `${draws} times, points were taken away at random. A point is worth what of the box is found again (overlap times score) where it stayed, less that where it went; what 3.5 standard errors explain is taken off.`,
        unit: "of the box",
      },
      {
        name: "by gradients",
        note: "How much the logit of the box changes as a point moves by 10 cm, or its intensity by 0.1, in the direction that matters most. Points that are missing are no part of it.",
        unit: "logits",
      },
    ],
    columns: [
      "Points in it",
      "Found again",
      "Removal: in the box",
      `within ${NEAR} m`,
      "Gradients: in the box",
      `within ${NEAR} m`,
    ],
    objects: detections.map(({ number, type, score, box, points, foundAgain, removal, gradients }) => ({
      number,
      type,
      score,
      box: [...box],
      figures: [
        String(points),
        foundAgain.toFixed(2),
        ...[removal.inBox, removal.nearBox, gradients.inBox, gradients.nearBox].map(percentOf),
      ],
      worth: [
        { values: removal.values, limit: largest(removal.values) },
        { values: gradients.values, limit: quantileOfPositive(gradients.values, SHOWN_SHARE) },
      ],
    })),
    layers,
    facts,
  });
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function quantileOfPositive(values: Float32Array, share: number): number {
  const positive = values.filter((value) => value > 0).sort();
  return positive.length === 0 ? 0 : positive[Math.floor(share * (positive.length - 1))];
}
