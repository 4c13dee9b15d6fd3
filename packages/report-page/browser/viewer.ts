import type { ViewerPageData } from "../src/page-data.js";
import { element, pageData } from "./dom.js";
import { unpackFrame } from "./unpack-frame.js";
import { viewerPanel } from "./viewer-panel.js";

const { title, description, sources, frames } = pageData<ViewerPageData>();
document.body.append(
  element(
    "main",
    {},
    element("header", {}, element("h1", {}, title), element("p", { class: "lead" }, description)),
    viewerPanel({ sources, frames: frames.map(unpackFrame) }),
  ),
);
