import * as Plot from "@observablehq/plot";
import type { ReportRun, Validation } from "../../src/report-data.js";
import { runColour, runDash } from "../run-strokes.js";
import { type Figure, figure, MARGINS } from "./figure.js";

/** What is drawn of each evaluation during training. */
export interface OverEpochs {
  readonly title: string;
  readonly label: string;
  /** percent; undefined or null where there is none */
  readonly percentOf: (validation: Validation) => number | null | undefined;
}

/** Average precision over the epochs, a line for each run. */
export function overEpochs(runs: readonly ReportRun[], { title, label, percentOf }: OverEpochs): Figure {
  const last = Math.max(1, ...runs.flatMap(({ validations }) => validations.map(({ epoch }) => epoch)));
  return figure({
    title,
    label,
    draw: (width) =>
      Plot.plot({
        width,
        height: 240,
        ...MARGINS,
        x: { label: "epoch", domain: [0, last], ticks: Math.min(5, last), tickFormat: "d" },
        y: { label: "AP, %", grid: true, domain: [0, 100], ticks: 5 },
        marks: [
          Plot.ruleY([0]),
          ...runs.flatMap(({ validations }, index) => {
            const points = validations.flatMap((validation) => {
              const ap = percentOf(validation);
              return ap == null ? [] : [{ epoch: validation.epoch, ap }];
            });
            const place = { x: "epoch", y: "ap", stroke: runColour(index) };
            return [
              Plot.line(points, { ...place, strokeWidth: 2.2, strokeDasharray: runDash(index) }),
              Plot.dot(points, { ...place, fill: "var(--surface)", r: 3, strokeWidth: 2 }),
            ];
          }),
        ],
      }),
  });
}
