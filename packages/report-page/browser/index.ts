// What pages beside this package's own are made of.
export type { PackedImage } from "../src/viewer-frame.js";
export { element, section, select } from "./dom.js";
export { openView, type ShownFrame, viewerPanel } from "./viewer-panel.js";
