import * as Plot from "@observablehq/plot";
import type { EntropySeries, ReportRun } from "../../src/report-data.js";
import { element } from "../dom.js";
import { runColour, runDash } from "../run-strokes.js";
import { figure, MARGINS } from "./figure.js";
import { changes, layerName, layersOf } from "./layer-changes.js";

interface Measured {
  readonly name: string;
  /** place among all runs, which decides the colour */
  readonly index: number;
  readonly entropy: EntropySeries;
}

/** Entropies of the layers over training, their profile at the end, and the changes from layer to layer. */
export function entropyCharts(runs: readonly ReportRun[]): HTMLElement {
  const measured = runs.flatMap(({ name, entropy }, index) =>
    entropy === undefined ? [] : [{ name, index, entropy }],
  );
  // What is no number is null here, which counts as 0 where it is not left out.
  const all = measured.flatMap(({ entropy }) => entropy.values.flat().filter(Number.isFinite));
  const domain: [number, number] = all.length === 0 ? [0, 1] : [Math.min(...all), Math.max(...all)];
  const maps = measured.map((run) => heatMap(run, domain));
  const scale = figure({
    bare: true,
    label: `Colours from ${domain[0].toFixed(2)} to ${domain[1].toFixed(2)} nats`,
    draw: (width) =>
      Plot.legend({
        color: colour(domain),
        label: "H of a layer, nats",
        width: Math.min(320, width),
        marginLeft: 12,
        ticks: 5,
      }),
  });
  return element(
    "div",
    {},
    element("div", { class: "pair" }, ...maps),
    scale.node,
    element("div", { class: "pair" }, profile(measured), differences(measured)),
  );
}

const colour = (domain: [number, number]): Plot.ScaleOptions => ({ type: "linear", scheme: "viridis", domain });

function heatMap({ name, entropy }: Measured, domain: [number, number]): HTMLElement {
  const names = entropy.layers.map(layerName);
  const cells = entropy.layers.flatMap((_, layer) =>
    entropy.step.map((step, column) => ({
      layer: names[layer],
      from: column === 0 ? 0 : entropy.step[column - 1],
      step,
      nats: entropy.values[layer][column],
    })),
  );
  return figure({
    title: name,
    label: `Entropy of each layer over training, ${name}`,
    draw: (width) =>
      Plot.plot({
        width,
        height: 56 + 22 * names.length,
        ...MARGINS,
        marginTop: 8,
        x: { label: "step", ticks: width / 90, tickFormat: ",d" },
        y: { type: "band", label: "layer", domain: names, padding: 0 },
        color: colour(domain),
        marks: [
          Plot.barX(
            cells.filter(({ nats }) => Number.isFinite(nats)),
            { x1: "from", x2: "step", y: "layer", fill: "nats", inset: -0.3 },
          ),
        ],
      }),
  }).node;
}

/** H over the layers. */
export function profile(runs: readonly Measured[], title = "H at the end"): HTMLElement {
  const names = layersOf(runs.map(({ entropy }) => entropy)).map(layerName);
  return figure({
    title,
    label: `${title}, for each run`,
    draw: (width) =>
      Plot.plot({
        width,
        height: 280,
        ...MARGINS,
        x: { type: "point", label: "layer (block.unit)", domain: names },
        y: { label: "nats", grid: true, nice: true },
        marks: runs.flatMap(({ index, entropy }) => {
          const points = entropy.layers.map((layer, i) => ({
            layer: layerName(layer),
            nats: entropy.last[i],
            ...layer,
          }));
          const place = { x: "layer", y: "nats", stroke: runColour(index) };
          return [
            Plot.line(points, { ...place, z: "block", strokeWidth: 2.2, strokeDasharray: runDash(index) }),
            Plot.dot(points, { ...place, fill: "var(--surface)", r: 3.5, strokeWidth: 2 }),
          ];
        }),
      }),
  }).node;
}

/** ΔH from layer to layer inside each block. */
export function differences(runs: readonly Measured[], title = "ΔH from layer to layer at the end"): HTMLElement {
  const bars = runs.flatMap(({ index, entropy }) => changes(entropy).map((change) => ({ ...change, run: index })));
  const layers = layersOf(runs.map(({ entropy }) => entropy));
  const domain = changes({ layers, last: [] }).map(({ between }) => between);
  return figure({
    title,
    label: "Change of entropy from each layer to the next in its block, for each run",
    draw: (width) =>
      Plot.plot({
        width,
        height: 280,
        ...MARGINS,
        fx: { label: "between layers", domain, padding: 0.18, axis: "bottom" },
        x: { axis: null, type: "band", domain: runs.map(({ index }) => index), padding: 0.12 },
        y: { label: "nats", grid: true, nice: true },
        marks: [
          Plot.barY(bars, { fx: "between", x: "run", y: "nats", fill: ({ run }: { run: number }) => runColour(run) }),
          Plot.ruleY([0]),
        ],
      }),
  }).node;
}
