import * as Plot from "@observablehq/plot";
import type { ReportRun } from "../../src/report-data.js";
import { element } from "../dom.js";
import { runColour, runDash } from "../run-strokes.js";
import { figure, MARGINS } from "./figure.js";
import { tickFormat } from "./tick-format.js";

type Part = keyof ReportRun["steps"]["losses"];

const PARTS: readonly (readonly [Part, string])[] = [
  ["total", "Total"],
  ["cls", "Classification"],
  ["box", "Box regression"],
  ["dir", "Direction"],
  ["entropy", "Entropy Loss term"],
];

/** The loss and its parts over the steps: thin lines as measured, thick ones a moving mean. */
export function lossCharts(runs: readonly ReportRun[]): HTMLElement {
  const used = PARTS.filter(([part]) => runs.some(({ steps }) => steps.losses[part].some((loss) => loss !== 0)));
  if (used.length === 0) return element("p", { class: "note" }, "No step has been finished.");
  const charts = used.map(([part, title]) => lossChart(runs, part, title));
  return element("div", { class: "losses" }, charts[0], element("div", { class: "parts" }, ...charts.slice(1)));
}

function lossChart(runs: readonly ReportRun[], part: Part, title: string): HTMLElement {
  const large = part === "total";
  const format = tickFormat(runs.flatMap(({ steps }) => steps.losses[part]));
  return figure({
    title,
    label: `${title} over training steps, for each run`,
    draw: (width) =>
      Plot.plot({
        width,
        height: large ? 280 : 170,
        ...MARGINS,
        marginTop: 10,
        marginBottom: large ? MARGINS.marginBottom : 26,
        x: { label: large ? "step" : null, ticks: width / (large ? 100 : 70), tickFormat: large ? ",d" : "~s" },
        y: { label: null, grid: true, zero: true, nice: true, ticks: large ? 6 : 4, tickFormat: format },
        marks: [Plot.ruleY([0]), ...runs.flatMap((run, index) => lines(run, index, part))],
      }),
  }).node;
}

function lines({ steps }: ReportRun, index: number, part: Part): Plot.Markish[] {
  const points = steps.step.map((step, i) => ({ step, loss: steps.losses[part][i] }));
  const stroke = runColour(index);
  const window = Math.max(1, Math.round(points.length / 30));
  const raw = { x: "step", y: "loss", stroke };
  const smooth = Plot.windowY({ k: window, anchor: "middle", reduce: "mean" }, { ...raw, strokeWidth: 2.2 });
  return [
    Plot.line(points, { ...raw, strokeWidth: 0.8, strokeOpacity: 0.28 }),
    Plot.line(points, { ...smooth, strokeDasharray: runDash(index) }),
  ];
}
