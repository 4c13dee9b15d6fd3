import type { ExplanationPageData } from "../src/explanation-data.js";
import { element, pageData, section } from "./dom.js";
import { attributionPanel } from "./explanation/attribution-panel.js";
import { layerPanel } from "./explanation/layer-panel.js";
import { openView } from "./viewer-panel.js";

const data = pageData<ExplanationPageData>();
document.body.append(page(data));

function page(all: ExplanationPageData): HTMLElement {
  const { title, description, facts } = all;
  const view = openView();
  const list = facts.flatMap(([label, value]) => [element("dt", {}, label), element("dd", {}, value)]);
  return element(
    "main",
    {},
    element(
      "header",
      {},
      element("p", { class: "eyebrow" }, "Explanation"),
      element("h1", {}, title),
      element("p", { class: "lead" }, description),
    ),
    section(
      "objects",
      "What each box hangs on",
      "White: the box in question. Bright points carry it; grey ones do nothing that could be told from chance.",
      view instanceof Error
        ? element("p", { class: "missing" }, `The 3D view needs WebGL: ${view.message}`)
        : attributionPanel(all, view),
    ),
    section(
      "layers",
      "What the layers made of the scan",
      "The Entropy Loss asks that H change steadily from layer to layer inside a block. A channel that is like no other has a large entropy.",
      layerPanel(all),
    ),
    section("made", "How it was made", "", element("dl", { class: "facts" }, ...list)),
  );
}
