import type { ApMetric, LevelResults, ReportRun } from "../src/report-data.js";
import { classesOf, className, LEVELS, levelsOf, METRICS, percent } from "./classes.js";
import { element, select } from "./dom.js";
import { runSwatch } from "./run-colours.js";

type Rule = "strict" | "loose";

/** All average precisions of the final evaluations: classes, metrics and runs down, levels across. */
export function apTable(runs: readonly ReportRun[]): HTMLElement {
  const place = element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Average precision" });
  const show = (rule: Rule) => place.replaceChildren(table(runs, rule));
  const rules = [
    ["strict", "official: car 0.7, others 0.5"],
    ["loose", "loose: car 0.5, others 0.25"],
  ] as const;
  show("strict");
  return element("div", {}, element("div", { class: "controls" }, select("Overlap", rules, show)), place);
}

function table(runs: readonly ReportRun[], rule: Rule): HTMLElement {
  const metrics = METRICS.filter(([metric]) => rule === "strict" || metric !== "2d");
  const head = element(
    "thead",
    {},
    element(
      "tr",
      {},
      element("th", { rowspan: 2, scope: "col", class: "name" }, "Class, metric, run"),
      element("th", { colspan: 3, scope: "colgroup" }, "R40"),
      element("th", { colspan: 3, scope: "colgroup" }, "R11"),
    ),
    element("tr", {}, ...[...LEVELS, ...LEVELS].map((level) => element("th", { scope: "col" }, level))),
  );
  const bodies = classesOf(runs).flatMap((of) =>
    metrics.map(([metric, name]) => group(runs, { rule, of, metric, name })),
  );
  return element("table", { class: "ap official" }, head, ...bodies);
}

interface Group {
  readonly rule: Rule;
  readonly of: string;
  readonly metric: ApMetric;
  readonly name: string;
}

function group(runs: readonly ReportRun[], { rule, of, metric, name }: Group): HTMLElement {
  const title = element("th", { colspan: 7, scope: "rowgroup" }, `${className(of)} ${name}`);
  const rows = runs.map((run, index) => {
    const label = element("th", { scope: "row", class: "name" }, runSwatch(index), run.name);
    return row(label, levelsOf(run.evaluation?.results, { rule, of, metric }));
  });
  const ceiling = runs.find(({ evaluation }) => evaluation?.ceiling !== undefined)?.evaluation?.ceiling;
  if (ceiling !== undefined) {
    const best = row(
      element("th", { scope: "row", class: "name" }, "best possible"),
      levelsOf(ceiling, { rule, of, metric }),
    );
    best.className = "ceiling";
    rows.push(best);
  }
  return element("tbody", {}, element("tr", { class: "group" }, title), ...rows);
}

function row(label: HTMLElement, levels: LevelResults | null): HTMLTableRowElement {
  const cells = (["r40", "r11"] as const).flatMap((points) =>
    LEVELS.map((level) => element("td", {}, percent(levels?.[level][points]))),
  );
  return element("tr", {}, label, ...cells);
}
