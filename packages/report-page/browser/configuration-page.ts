import type { ConfigurationPageData } from "../src/configuration-data.js";
import { anchorDrawings } from "./anchor-drawings.js";
import { element, pageData, section } from "./dom.js";
import { groundPlan } from "./ground-plan.js";

const data = pageData<ConfigurationPageData>();
document.body.append(page(data));

function page({ title, description, commands, reasons, recipe }: ConfigurationPageData): HTMLElement {
  return element(
    "main",
    {},
    element(
      "header",
      {},
      element("p", { class: "eyebrow" }, "Configuration"),
      element("h1", {}, title),
      element("p", { class: "lead" }, description),
    ),
    section(
      "plan",
      "From above",
      "Scans, labelled boxes and the range; x to the right, y up. A line points to an object’s front.",
      groundPlan(data),
    ),
    section(
      "anchors",
      "Anchors",
      "Bold: the anchor, which a detector moves, turns and stretches to fit. Thin: labelled boxes, put on top of each other. Above, in both directions of the anchor, over cells of the map; beneath, from the side, between the bounds of the range.",
      anchorDrawings(data),
    ),
    section("reasons", "What was chosen, and why", "", reasonTable(reasons)),
    section(
      "next",
      "What to do next",
      "Train, evaluate on the same frames, look.",
      element("pre", { tabindex: 0 }, commands.join("\n")),
      element(
        "details",
        { class: "recipe" },
        element("summary", {}, "The whole recipe"),
        element("pre", { tabindex: 0 }, recipe),
      ),
    ),
  );
}

function reasonTable(reasons: ConfigurationPageData["reasons"]): HTMLElement {
  const rows = reasons.map(([key, value, why]) =>
    element(
      "tr",
      { class: "reason-row" },
      element("th", { scope: "row", class: `reason ${key.startsWith("  ") ? "part" : "whole"}` }, key.trim()),
      element("td", { class: "reason" }, value),
      element("td", { class: "reason why" }, why),
    ),
  );
  const head = ["", "Choice", "Why"].map((name) => element("th", { scope: "col", class: "reason" }, name));
  const table = element(
    "table",
    {},
    element("thead", { class: "reason-head" }, element("tr", {}, ...head)),
    element("tbody", {}, ...rows),
  );
  return element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Choices and reasons" }, table);
}
