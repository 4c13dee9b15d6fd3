import type { ReportRun } from "../src/report-data.js";
import { element } from "./dom.js";
import { runSwatch } from "./run-colours.js";

/** What each run was made with. */
export function configuration(runs: readonly ReportRun[]): HTMLElement {
  return element("div", { class: "pair" }, ...runs.map(setting));
}

function setting({ name, seed, entropyLoss, facts, config }: ReportRun, index: number): HTMLElement {
  const all = [["Entropy Loss", entropyLoss ? "trained on" : "measured only"], ["Seed", String(seed)], ...facts];
  return element(
    "article",
    { class: "card" },
    element("h3", {}, runSwatch(index), name),
    element(
      "dl",
      { class: "facts" },
      ...all.flatMap(([label, value]) => [element("dt", {}, label), element("dd", {}, value)]),
    ),
    element("details", {}, element("summary", {}, "Resolved configuration"), element("pre", { tabindex: 0 }, config)),
  );
}
