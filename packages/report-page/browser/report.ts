import type { ReportPageData } from "../src/page-data.js";
import { apTable } from "./ap-table.js";
import { apCharts } from "./charts/ap-charts.js";
import { classCharts } from "./charts/class-charts.js";
import { entropyCharts } from "./charts/entropy-charts.js";
import { lossCharts } from "./charts/loss-charts.js";
import { classTables, evaluatedByClass } from "./class-tables.js";
import { configuration } from "./configuration.js";
import { element, pageData, section } from "./dom.js";
import { headline } from "./headline.js";
import { runLegend } from "./run-colours.js";
import { unpackFrame } from "./unpack-frame.js";
import { viewerPanel } from "./viewer-panel.js";

const report = pageData<ReportPageData>();
document.body.append(page(report));

function page({ title, data, made, runs, frames }: ReportPageData): HTMLElement {
  const names = runs.map(({ name }) => name);
  const main = element("main", {}, header({ title, data, made, runs }));
  main.append(section("numbers", "At a glance", "", headline(runs)));
  if (frames.length > 0) {
    main.append(
      section(
        "scans",
        "Scans in 3D",
        "What the detectors saw, what is there and what they found.",
        viewerPanel({ sources: names, frames: frames.map(unpackFrame) }),
      ),
    );
  }
  main.append(...precision(runs));
  main.append(
    section(
      "loss",
      "Loss",
      "Thin: as measured in each step. Thick: a moving mean. Parts are weighted; the total is their sum.",
      runLegend(names),
      lossCharts(runs),
    ),
  );
  if (runs.some(({ entropy }) => entropy !== undefined)) {
    main.append(
      section(
        "entropy",
        "Entropy of the layers",
        "The Entropy Loss asks that the entropy H of the features changes evenly from layer to layer inside a block: that ΔH has little variance. H is measured with and without the loss. Layer 2.3 is the third unit of the second block; “at the end” is the mean of the last epoch.",
        runLegend(names),
        entropyCharts(runs),
      ),
    );
  }
  main.append(section("configuration", "How it was made", "", configuration(runs)));
  return main;
}

/** Official metrics where there are any, measures of every class where there are any; the former say so if there are neither. */
function precision(runs: ReportPageData["runs"]): HTMLElement[] {
  const isOfficial = runs.some(
    ({ evaluation, validations }) =>
      evaluation?.results !== undefined || validations.some(({ results }) => results !== undefined),
  );
  const curves = classCharts(runs);
  const byClass = evaluatedByClass(runs);
  const sections: HTMLElement[] = [];
  if (isOfficial || (curves === undefined && byClass.length === 0)) {
    sections.push(
      section(
        "precision",
        "Average precision",
        "The official KITTI metrics, at the official overlaps.",
        apCharts(runs),
      ),
    );
  }
  if (isOfficial) {
    sections.push(
      section(
        "table",
        "All averages",
        "In percent. The official curve has a point for every fortieth of the objects: with fewer than 40 objects even a perfect detector stays below 100; “best possible” is what it would get.",
        apTable(runs),
      ),
    );
  }
  if (curves !== undefined || byClass.length > 0) {
    const score = byClass[0]?.tables.score;
    sections.push(
      section(
        "classes",
        "Every class",
        `Average precision at 40 recalls, in percent, of the objects with a point in the scan; “possible” is what a perfect detector would get.${score === undefined ? "" : ` Recall, precision, errors and confusion are of detections with a score of ${score} or more.`}`,
        ...(curves === undefined ? [] : [curves]),
        ...(byClass.length === 0 ? [] : [classTables(runs)]),
      ),
    );
  }
  return sections;
}

function header({ title, data, made, runs }: Omit<ReportPageData, "frames">): HTMLElement {
  return element(
    "header",
    {},
    element("p", { class: "eyebrow" }, `Training report · ${new Date(made).toUTCString()}`),
    element("h1", {}, title),
    element("p", { class: "lead" }, `${data.name}: ${data.description}`),
    element("p", { class: "caution", role: "note" }, element("strong", {}, origin(data)), ` ${evidence(runs)}`),
  );
}

function origin({ simulated }: ReportPageData["data"]): string {
  return simulated
    ? "The data are simulated: nothing here says how the detectors would do in real traffic."
    : "Nothing in the data’s folder marks them as simulated.";
}

function evidence(runs: ReportPageData["runs"]): string {
  const oneSeed = new Set(runs.map(({ seed }) => seed)).size === 1;
  const seeds = oneSeed
    ? "One seed is no evidence: another may turn a difference between runs around."
    : "The runs differ in their seeds; a handful of seeds shows a tendency at most.";
  const seen = runs.some(({ evaluation }) => evaluation !== undefined && evaluation.framesTrainedOn > 0);
  return seen ? `${seeds} Frames that were trained on are among those evaluated, which flatters the results.` : seeds;
}
