import { element } from "./dom.js";

/** Dashes tell the runs apart where colours do not. */
const DASHES = ["none", "7 3", "2 3", "9 3 2 3", "5 2", "1 3"];

/** One for each run; the style sheet has their values for light and dark. */
export const runColour = (run: number): string => `var(--run-${run})`;
export const runDash = (run: number): string => DASHES[run];

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
