import * as Plot from "@observablehq/plot";
import type { ExplanationPageData } from "../../src/explanation-data.js";
import { differences, profile } from "../charts/entropy-charts.js";
import { type Figure, figure, MARGINS } from "../charts/figure.js";
import { layerName } from "../charts/layer-changes.js";
import { element, select } from "../dom.js";
import { mapCanvas, mapWithBoxes } from "./layer-map.js";

type Layer = ExplanationPageData["layers"][number];

/** Entropies of the layers, their activity from above, and the channels of one layer at a time. */
export function layerPanel({ layers, objects, pointRange: range }: ExplanationPageData): HTMLElement {
  const last = layers.map(({ entropy }) => entropy);
  const entropy = { layers, step: [], values: layers.map(() => []), first: last, last };
  const measured = [{ name: "", index: 0, entropy }];
  const boxes = objects.map(({ box }) => box);
  const maps = layers.map((layer) => {
    const name = layerName(layer);
    const label = `Activity of layer ${name} from above`;
    const { width, height } = layer.activity;
    const caption = `${name}: ${layer.channels.length} channels of ${width} × ${height} cells`;
    return element(
      "figure",
      {},
      element("figcaption", {}, caption),
      mapWithBoxes(layer.activity, { range, boxes, label }),
    );
  });
  return element(
    "div",
    {},
    element(
      "div",
      { class: "pair" },
      profile(measured, "H of each layer"),
      differences(measured, "ΔH from layer to layer"),
    ),
    element("h3", {}, "Activity from above"),
    element(
      "p",
      { class: "note" },
      "Mean over the channels, x to the right, y up, with the boxes that were explained. Each map has its own scale, by the square root.",
    ),
    element("div", { class: "thirds layer-maps" }, ...maps),
    element("h3", {}, "Channels"),
    channelPanel(layers),
  );
}

/** The channels of a layer by their entropy; a channel that is picked stands beside the one that is most like it. */
function channelPanel(layers: readonly Layer[]): HTMLElement {
  let layer = layers[0];
  let picked = 0;
  const grid = element("div", { class: "channels" });
  const pair = element("div", { class: "channel-pair" });
  const chart = channelChart(
    () => layer,
    () => picked,
  );
  const pick = (channel: number) => {
    picked = channel;
    const { neighbour, distance, entropy, active } = layer.channels[channel];
    const share = `${Math.round(100 * active)} % of its cells active`;
    pair.replaceChildren(
      channelFigure(layer, channel, `Channel ${channel}: ${entropy.toFixed(3)} nats, ${share}`),
      channelFigure(layer, neighbour, `Most like it: channel ${neighbour}, at distance ${distance.toPrecision(3)}`),
    );
    for (const each of grid.querySelectorAll("button")) {
      const is = Number(each.dataset.channel);
      each.setAttribute("aria-pressed", String(is === channel));
      each.classList.toggle("like", is === neighbour);
    }
    chart.redraw();
  };
  const show = (chosen: Layer) => {
    layer = chosen;
    const order = byEntropy(layer);
    grid.replaceChildren(
      ...order.map((channel) => {
        const label = `Channel ${channel}`;
        const made = element(
          "button",
          { type: "button", "aria-label": label, title: label },
          mapCanvas(layer.maps, channel),
        );
        made.dataset.channel = String(channel);
        made.addEventListener("click", () => pick(channel));
        return made;
      }),
    );
    pick(order[0]);
  };
  const names = layers.map((each, i) => [String(i), layerName(each)] as const);
  show(layer);
  return element(
    "div",
    { class: "viewer" },
    element(
      "div",
      { class: "controls" },
      select("Layer", names, (value) => show(layers[Number(value)])),
    ),
    element("div", { class: "channel-views" }, chart.node, pair),
    element(
      "p",
      { class: "note" },
      "All channels, the least entropy first: press one to see it beside the one most like it (outlined).",
    ),
    grid,
  );
}

function channelFigure(layer: Layer, channel: number, caption: string): HTMLElement {
  return element("figure", { class: "bare" }, element("figcaption", {}, caption), mapCanvas(layer.maps, channel));
}

function byEntropy({ channels }: Layer): number[] {
  return Array.from(channels.keys()).sort((a, b) => channels[a].entropy - channels[b].entropy || a - b);
}

function channelChart(layerOf: () => Layer, pickedOf: () => number): Figure {
  return figure({
    bare: true,
    title: "Entropy of every channel",
    label: "Entropy of every channel of the layer, in order",
    draw(width) {
      const layer = layerOf();
      const rows = byEntropy(layer).map((channel, place) => ({
        channel,
        place,
        nats: layer.channels[channel].entropy,
      }));
      return Plot.plot({
        width,
        height: 240,
        ...MARGINS,
        x: { label: "channels, in order", ticks: 0 },
        y: { label: "nats", grid: true, nice: true },
        marks: [
          Plot.ruleY([layer.entropy], { stroke: "var(--soft)", strokeDasharray: "4 3" }),
          Plot.text([layer.entropy], {
            y: (nats: number) => nats,
            frameAnchor: "left",
            dy: -7,
            dx: 4,
            fill: "var(--soft)",
            text: () => "their mean: H of the layer",
            textAnchor: "start",
          }),
          Plot.dot(rows, { x: "place", y: "nats", r: 2.5, fill: "var(--run-0)" }),
          Plot.dot(
            rows.filter(({ channel }) => channel === pickedOf()),
            { x: "place", y: "nats", r: 6, stroke: "var(--run-1)", strokeWidth: 2 },
          ),
        ],
      });
    },
  });
}
