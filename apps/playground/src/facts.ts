import { entropyProfileSvg } from "entropy-loss";
import { element } from "report-page/browser";
import type { ModelCard } from "second-weights/decode";
import type { EntropyReading } from "./detector.js";
import type { Answer } from "./messages.js";

/** How long each stage took, as a table with a sum, and what computed. */
export function timeTable({ found: { times }, computedBy }: Answer): HTMLElement {
  const total = times.reduce((sum, [, time]) => sum + time, 0);
  const row = (stage: string, time: number) =>
    element(
      "tr",
      {},
      element("th", { scope: "row", class: "name" }, stage),
      element("td", {}, time.toFixed(0)),
      element("td", {}, `${((100 * time) / total).toFixed(0)} %`),
    );
  return element(
    "section",
    { "aria-labelledby": "times" },
    element("h2", { id: "times" }, "Time"),
    element("p", { class: "note" }, `Computed by ${computedBy}.`),
    element(
      "div",
      { class: "scroll" },
      element(
        "table",
        {},
        element(
          "thead",
          {},
          element("tr", {}, ...["stage", "ms", "share"].map((head) => element("th", { scope: "col" }, head))),
        ),
        element("tbody", {}, ...times.map(([stage, time]) => row(stage, time)), row("all", total)),
      ),
    ),
  );
}

/** What the layers say about the scan: a verdict in words, and every entropy as a picture. */
export function entropySection({ profile, deviation, threshold }: EntropyReading): HTMLElement {
  const unlike = deviation > threshold;
  const verdict = unlike
    ? "This scan is unlike those that the detector was trained on: trust the boxes less."
    : "This scan is like those that the detector was trained on.";
  const figures =
    ` The entropies of the layers deviate ${deviation.toFixed(1)} times as much as is usual; ` +
    `of familiar scans one in twenty deviates more than ${threshold.toFixed(1)} times.`;
  const width = Math.min(640, Math.max(260, innerWidth - 64)); // narrow windows would shrink a wide one, and its words
  const picture = element("img", {
    alt: "Entropies of the layers of each block, and their changes",
    src: `data:image/svg+xml,${encodeURIComponent(entropyProfileSvg(profile, { width }))}`,
  });
  return element(
    "section",
    { "aria-labelledby": "entropies" },
    element("h2", { id: "entropies" }, "Information in the layers"),
    element("p", { class: unlike ? "caution" : "lead" }, element("strong", {}, verdict), figures),
    element("figure", {}, picture),
  );
}

/** What the detector is, for the box at the end of the page. */
export function aboutDetector({ description, training, validation, license, command }: ModelCard): Node[] {
  const averages = Object.entries(validation.averages).map(([name, { found }]) => `${name} ${found.toFixed(0)} %`);
  const facts = [
    ["Detector", description],
    ["Trained on", `${training.data}: ${training.frames} frames, ${training.epochs} times, seed ${training.seed}`],
    [
      "Average precision",
      `${averages.join(", ")} (3D, moderate, 40 recalls) on ${validation.frames} other simulated frames`,
    ],
    ["Made by", command],
    ["Licence", license],
  ];
  const list = facts.flatMap(([label, value]) => [element("dt", {}, label), element("dd", {}, value)]);
  return [element("summary", {}, "About this detector"), element("dl", { class: "facts" }, ...list)];
}
