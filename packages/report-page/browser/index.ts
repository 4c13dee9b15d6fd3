// What pages beside this package's own are made of.
export { element, section, select } from "./dom.js";
export { openView, type ShownFrame, viewerPanel } from "./viewer-panel.js";
