import * as Plot from "@observablehq/plot";
import type { ReportRun } from "../../src/report-data.js";
import { type Choice, classesOf, className, LEVELS, METRICS, resultOf } from "../classes.js";
import { element, select } from "../dom.js";
import { runLegend } from "../run-colours.js";
import { runColour, runDash } from "../run-strokes.js";
import { figure, MARGINS } from "./figure.js";
import { overEpochs } from "./over-epochs.js";

/** Average precision over the epochs and curves of precision over recall, one of each for every class. */
export function apCharts(runs: readonly ReportRun[]): HTMLElement {
  let choice: Choice = { metric: "3d", level: "moderate" };
  const classes = classesOf(runs);
  const overEpochs = classes.map((name) => apOverEpochs(runs, name, () => choice));
  const curves = classes.map((name) => precisionCurve(runs, name, () => choice));
  const change = (part: Partial<Choice>) => {
    choice = { ...choice, ...part };
    for (const chart of [...overEpochs, ...curves]) chart.redraw();
  };
  const levels = ["moderate", ...LEVELS.filter((level) => level !== "moderate")] as const;
  const nodes = (charts: readonly { readonly node: HTMLElement }[]) =>
    element("div", { class: "thirds" }, ...charts.map(({ node }) => node));
  const evaluated = runs.some(({ validations }) => validations.length > 0);
  return element(
    "div",
    {},
    element(
      "div",
      { class: "controls" },
      select("Metric", METRICS, (metric) => change({ metric })),
      select(
        "Level",
        levels.map((level) => [level, level] as const),
        (level) => change({ level }),
      ),
    ),
    runLegend(runs.map(({ name }) => name)),
    element("h3", {}, "Average precision (R40) over the epochs"),
    evaluated
      ? nodes(overEpochs)
      : missing("Nothing was evaluated during training; eloss train --validate-every does."),
    element("h3", {}, "Precision over recall at the end"),
    runs.some(({ evaluation }) => evaluation !== undefined)
      ? nodes(curves)
      : missing("The runs have not been evaluated; eloss eval does."),
  );
}

function missing(text: string): HTMLElement {
  return element("p", { class: "missing" }, text);
}

function apOverEpochs(runs: readonly ReportRun[], name: string, chosen: () => Choice) {
  return overEpochs(runs, {
    title: className(name),
    label: `Average precision of ${name} over the epochs, for each run`,
    percentOf: ({ results }) => results && (resultOf(results, name, chosen())?.r40 ?? 0), // nothing found
  });
}

function precisionCurve(runs: readonly ReportRun[], name: string, chosen: () => Choice) {
  return figure({
    title: className(name),
    label: `Precision of ${name} over recall, for each run`,
    draw: (width) =>
      Plot.plot({
        width,
        height: 240,
        ...MARGINS,
        x: { label: "recall", domain: [0, 1], ticks: 5 },
        y: { label: "precision", grid: true, domain: [0, 1], ticks: 5 },
        marks: [
          Plot.ruleY([0]),
          ...runs.map(({ evaluation }, index) => {
            const curve = resultOf(evaluation?.results, name, chosen())?.curve ?? [];
            const points = curve.map((precision, i) => ({ recall: i / 40, precision }));
            return Plot.line(points, {
              ...{ x: "recall", y: "precision", stroke: runColour(index), strokeWidth: 2.2 },
              ...{ strokeDasharray: runDash(index), curve: "step-before" },
            });
          }),
        ],
      }),
  });
}
