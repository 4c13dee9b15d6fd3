import type { ExperimentData, ResultTable } from "../src/experiment-data.js";
import { differencesFigure } from "./charts/differences-figure.js";
import { resultChart } from "./charts/result-chart.js";
import { element, pageData, section } from "./dom.js";

const experiment = pageData<ExperimentData>();
document.body.append(page(experiment));

function page(shown: ExperimentData): HTMLElement {
  const { title, question, paper, made, command, data, facts, answer, differences, charts, tables } = shown;
  const caution = data.simulated
    ? "The data are simulated: nothing here says how the detectors would do in real traffic."
    : "Nothing in the data’s folder marks them as simulated.";
  const main = element(
    "main",
    {},
    element(
      "header",
      {},
      element("p", { class: "eyebrow" }, `Experiment · ${new Date(made).toUTCString()}`),
      element("h1", {}, title),
      element("p", { class: "lead" }, question),
      ...(answer === undefined ? [] : [element("p", { class: "answer" }, answer)]),
      element("p", { class: "caution", role: "note" }, element("strong", {}, caution), ` ${data.description}`),
    ),
    ...differences.map((each) => section(each.id, each.title, each.note, differencesFigure(each))),
    section("paper", "What the paper says", paper),
  );
  main.append(
    ...charts.map((chart, i) => section(`chart-${i}`, chart.title, "", resultChart(chart))),
    ...tables.map((table, i) => section(`table-${i}`, table.title, table.note, resultTable(table))),
  );
  const list = facts.flatMap(([label, value]) => [element("dt", {}, label), element("dd", {}, value)]);
  main.append(
    section(
      "made",
      "How it was made",
      "This command makes the missing runs and puts the results together again.",
      element("pre", { tabindex: 0 }, command),
      element("dl", { class: "facts" }, ...list),
    ),
  );
  return main;
}

function resultTable({ title, columns, rows }: ResultTable): HTMLElement {
  const head = element("tr", {}, ...columns.map((name) => element("th", { scope: "col" }, name)));
  const body = rows.map(([first, ...rest]) =>
    element("tr", {}, element("th", { scope: "row" }, text(first)), ...rest.map(resultCell)),
  );
  const table = element("table", { class: "results" }, element("thead", {}, head), element("tbody", {}, ...body));
  return element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": title }, table);
}

/** A cell; words of more than a line, as of a command or of why a run failed, are broken and read from the left. */
function resultCell(cell: string | number | null): HTMLElement {
  const shown = text(cell);
  return element("td", shown.length > 40 ? { class: "long" } : {}, shown);
}

function text(cell: string | number | null): string {
  return cell === null ? "–" : String(cell);
}
