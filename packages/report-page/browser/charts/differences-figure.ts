import { differencesSvg } from "../../src/differences-svg.js";
import type { ResultDifferences } from "../../src/experiment-data.js";
import { figure } from "./figure.js";

/** Differences with their intervals; the same drawing as the SVG file beside the page. */
export function differencesFigure(differences: ResultDifferences): HTMLElement {
  const draw = (width: number) =>
    new DOMParser().parseFromString(differencesSvg(differences, width), "image/svg+xml").documentElement;
  return figure({ label: differences.title, draw }).node;
}
