import * as Plot from "@observablehq/plot";
import type { ResultChart, ResultSeries } from "../../src/experiment-data.js";
import { element } from "../dom.js";
import { runLegend } from "../run-colours.js";
import { runColour, runDash } from "../run-strokes.js";
import { figure, MARGINS } from "./figure.js";
import { tickFormat } from "./tick-format.js";

/** Places on the axis that all have room for their numbers, on a phone too. */
const FEW = 8;

/** Series side by side over one axis, each point with its interval; legends above, so that they wrap on narrow screens. */
export function resultChart({ title, x, y, series }: ResultChart): HTMLElement {
  const all = series.flatMap(({ points }) => points);
  const places = [...new Set(all.map((point) => point.x))];
  const format = tickFormat(all.flatMap((point) => [point.y, point.low, point.high]));
  const drawing = figure({
    label: `${title}: ${y} over ${x}`,
    draw: (width) =>
      Plot.plot({
        width,
        height: 320,
        ...MARGINS,
        // Few places, such as epochs, are named as they are.
        x: { label: x, ticks: places.length <= FEW ? places : width / 100, tickFormat: "~f" },
        y: { label: y, grid: true, nice: true, tickFormat: format },
        marks: series.flatMap(marks),
      }),
  });
  return element("div", {}, runLegend(series.map(({ name }) => name)), drawing.node);
}

function marks({ points }: ResultSeries, index: number): Plot.Markish[] {
  const stroke = runColour(index);
  const spread = points.filter(({ low, high }) => low !== undefined && high !== undefined);
  return [
    Plot.areaY(spread, { x: "x", y1: "low", y2: "high", fill: stroke, fillOpacity: 0.12 }),
    Plot.line(points, { x: "x", y: "y", stroke, strokeWidth: 2.2, strokeDasharray: runDash(index) }),
    Plot.dot(points, { x: "x", y: "y", fill: stroke, r: 3 }),
  ];
}
