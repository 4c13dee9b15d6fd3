import type { ReportRun } from "../../src/report-data.js";
import { measureName } from "../class-tables.js";
import { element, select } from "../dom.js";
import { runLegend } from "../run-colours.js";
import { overEpochs } from "./over-epochs.js";

/** Average precision of every class over the epochs; undefined if nothing was evaluated during training. */
export function classCharts(runs: readonly ReportRun[]): HTMLElement | undefined {
  const averages = runs.flatMap(({ validations }) =>
    validations.flatMap((each) => (each.averages === undefined ? [] : [each.averages])),
  );
  if (averages.length === 0) return undefined;
  const classes = [...new Set(averages.flatMap((each) => Object.keys(each)))];
  const measures = [...new Set(averages.flatMap((each) => Object.values(each).flatMap((ap) => Object.keys(ap))))];
  let measure = measures.at(-1)!;
  const charts = classes.map((name) =>
    overEpochs(runs, {
      title: name,
      label: `Average precision of ${name} over the epochs, for each run`,
      percentOf: ({ averages: of }) => of?.[name]?.[measure],
    }),
  );
  const choose = select(
    "AP",
    [...measures].reverse().map((each) => [each, measureName(each)] as const),
    (each) => {
      measure = each;
      for (const chart of charts) chart.redraw();
    },
  );
  return element(
    "div",
    {},
    element("h3", {}, "Average precision over the epochs"),
    element("div", { class: "controls" }, choose),
    runLegend(runs.map(({ name }) => name)),
    element("div", { class: "thirds" }, ...charts.map(({ node }) => node)),
  );
}
