import { element } from "./dom.js";
import { runColour, runDash } from "./run-strokes.js";

/** Name and stroke of each run. */
export function runLegend(names: readonly string[]): HTMLElement {
  return element("ul", { class: "legend" }, ...names.map((name, run) => element("li", {}, runSwatch(run), name)));
}

/** A piece of a run's line. */
export function runSwatch(run: number): HTMLElement {
  const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
  swatch.innerHTML = `<svg width="26" height="8" viewBox="0 0 26 8"><line x1="1" y1="4" x2="25" y2="4" stroke="${runColour(run)}" stroke-width="2.5" stroke-dasharray="${runDash(run)}"/></svg>`;
  return swatch;
}
