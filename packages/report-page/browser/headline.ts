import type { ReportRun } from "../src/report-data.js";
import { varianceOfChanges } from "./charts/layer-changes.js";
import { CLASSES, className, percent, resultOf } from "./classes.js";
import { element } from "./dom.js";
import { duration } from "./duration.js";
import { runSwatch } from "./run-colours.js";
import { runColour } from "./run-strokes.js";

/** The numbers that most people look for first: a card for each run, then the runs next to each other. */
export function headline(runs: readonly ReportRun[]): HTMLElement {
  return element("div", {}, element("div", { class: "cards" }, ...runs.map(card)), comparison(runs));
}

function card(run: ReportRun, index: number): HTMLElement {
  const { numbers, what } = numbersOf(run);
  const shown = numbers.map(({ name, ap, best }) => {
    const made = element("div", { class: "number" }, element("dt", {}, name), element("dd", {}, percent(ap)));
    // With few objects even a perfect detector stays far below 100, and a number alone would mislead.
    if (best != null && best < 100) made.append(element("dd", { class: "best" }, `of ${percent(best)} possible`));
    return made;
  });
  return element(
    "article",
    { class: "card", style: `--accent: ${runColour(index)}` },
    element("h3", {}, runSwatch(index), run.name),
    element("dl", { class: "numbers" }, ...shown),
    element("p", { class: "note" }, what),
  );
}

interface ClassNumber {
  readonly name: string;
  readonly ap?: number | null | undefined;
  readonly best?: number | null | undefined;
}

/** One average precision of each class, and which: the official one where there is one. */
function numbersOf({ evaluation }: ReportRun): { readonly numbers: readonly ClassNumber[]; readonly what: string } {
  const tables = evaluation?.tables;
  if (evaluation?.results === undefined && tables !== undefined) {
    const measure = tables.match === "overlap" ? "3d" : "mean";
    const numbers = tables.classes.map(({ name, all }) => ({ name, ap: all.ap[measure], best: all.ceiling }));
    const how = tables.match === "overlap" ? "3D AP, R40, at the overlap of each class" : "AP by distance of centres";
    return { numbers, what: `${how}, on ${evaluation!.split}` };
  }
  const choice = { metric: "3d", level: "moderate" } as const;
  const numbers = CLASSES.map((name) => ({
    name: className(name),
    ap: resultOf(evaluation?.results, name, choice)?.r40,
    best: resultOf(evaluation?.ceiling, name, choice)?.r40,
  }));
  return { numbers, what: evaluation === undefined ? "not evaluated" : `3D AP, moderate, R40, on ${evaluation.split}` };
}

/** What is compared, and how it is read from a run. */
const MEASURES: readonly (readonly [label: string, read: (run: ReportRun) => string])[] = [
  ["Epochs", ({ steps }) => String(steps.epoch.at(-1) ?? 0)],
  ["Steps", ({ steps }) => (steps.step.at(-1) ?? 0).toLocaleString("en")],
  ["Loss, mean of the first epoch", ({ firstEpochLoss }) => loss(firstEpochLoss)],
  ["Loss, mean of the last epoch", ({ lastEpochLoss }) => loss(lastEpochLoss)],
  ["Variance of ΔH (L1) at the end", ({ entropy }) => small(entropy === undefined ? null : varianceOfChanges(entropy))],
  ["Time in training steps", ({ trainingSeconds }) => duration(trainingSeconds)],
  ["Seed", ({ seed }) => String(seed)],
];

/** A run without a step has none; `null` was not a number. */
function loss(value: number | null | undefined): string {
  return value == null ? "–" : value.toFixed(4);
}

/** Three digits, and a power of ten where there would be many zeros; a dash for none. */
function small(value: number | null): string {
  if (value === null) return "–";
  if (value === 0 || value >= 1e-3) return value.toPrecision(3);
  const [digits, power] = value.toExponential(2).split("e-");
  const raised = [...power].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
  return `${digits} · 10⁻${raised}`;
}

function comparison(runs: readonly ReportRun[]): HTMLElement {
  const head = element(
    "tr",
    {},
    element("th", { scope: "col", class: "name" }, ""),
    ...runs.map(({ name }, index) => element("th", { scope: "col" }, runSwatch(index), name)),
  );
  const rows = MEASURES.map(([label, read]) =>
    element(
      "tr",
      {},
      element("th", { scope: "row", class: "name" }, label),
      ...runs.map((run) => element("td", {}, read(run))),
    ),
  );
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
  return element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "The runs in numbers" }, table);
}
