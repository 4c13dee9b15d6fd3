import type { ConfigurationPageData, ConfiguredClass } from "../src/configuration-data.js";
import { element } from "./dom.js";
import { configuredColours } from "./ground-plan.js";
import { svg } from "./svg.js";

/** Each class's anchor among the boxes that it is made for, all at one place and heading: from above, and from the side. */
export function anchorDrawings(data: ConfigurationPageData): HTMLElement {
  const colourOf = configuredColours(data);
  return element("div", { class: "thirds" }, ...data.classes.map((of) => drawing(of, data, colourOf(of.name))));
}

function drawing(of: ConfiguredClass, { cell, pointRange }: ConfigurationPageData, colour: string): HTMLElement {
  const size = of.anchorSize.map((side) => side.toFixed(2)).join(" × ");
  const { labelled, seen, inRange } = of;
  return element(
    "figure",
    { style: `--key: ${colour}` },
    element("figcaption", {}, element("span", { class: "box-key", "aria-hidden": "true" }), ` ${of.name}: ${size} m`),
    fromAbove(of, cell),
    fromTheSide(of, pointRange),
    element(
      "p",
      { class: "note" },
      `${labelled} labelled, ${seen} with points enough, ${inRange} of them in the range`,
    ),
  );
}

/** Metres that a drawing shows in each direction from the middle. */
function reach({ anchorSize, boxes }: ConfiguredClass): number {
  return 0.6 * Math.max(anchorSize[0], anchorSize[1], ...boxes.map((box) => Math.max(box[3], box[4])));
}

/** The anchor in both its directions, over the cells of the map. */
function fromAbove(of: ConfiguredClass, [cellX, cellY]: readonly [number, number]): SVGSVGElement {
  const r = reach(of);
  const [length, width] = of.anchorSize;
  const cells: string[] = [];
  for (let x = cellX * Math.ceil(-r / cellX - 0.5) + cellX / 2; x < r; x += cellX) cells.push(`M${x} ${-r}V${r}`);
  for (let y = cellY * Math.ceil(-r / cellY - 0.5) + cellY / 2; y < r; y += cellY) cells.push(`M${-r} ${y}H${r}`);
  const centred = (l: number, w: number, kind: string) =>
    svg("rect", { class: kind, x: -l / 2, y: -w / 2, width: l, height: w });
  return svg(
    "svg",
    {
      viewBox: `${-r} ${-r} ${2 * r} ${2 * r}`,
      role: "img",
      "aria-label": `Anchors of ${of.name} and its boxes from above`,
    },
    svg("path", { class: "grid-lines", d: cells.join("") }),
    ...of.boxes.map((box) => centred(box[3], box[4], "sample")),
    centred(length, width, "anchor"),
    centred(width, length, "anchor"),
  );
}

/** Where boxes and anchor stand in height, and where the range ends. */
function fromTheSide(of: ConfiguredClass, range: readonly number[]): SVGSVGElement {
  const r = reach(of);
  const [low, high] = [range[2], range[5]];
  const margin = 0.05 * (high - low);
  const standing = (length: number, bottom: number, height: number, attributes = {}) =>
    svg("rect", { x: -length / 2, y: -(bottom + height), width: length, height, ...attributes });
  const [length, , height] = of.anchorSize;
  const metres: string[] = [];
  for (let z = Math.ceil(low); z <= high; z++) metres.push(`M${-r} ${-z}H${r}`);
  return svg(
    "svg",
    {
      viewBox: `${-r} ${-high - margin} ${2 * r} ${high - low + 2 * margin}`,
      class: "side",
      role: "img",
      "aria-label": `The anchor of ${of.name} and its boxes from the side, within the range from z ${low} to ${high} m`,
    },
    svg("path", { class: "grid-lines", d: metres.join("") }),
    svg("path", { class: "range", d: `M${-r} ${-low}H${r}M${-r} ${-high}H${r}` }),
    ...of.boxes.map((box) => standing(box[3], box[2] - box[5] / 2, box[5], { class: "sample" })),
    standing(length, of.anchorBottom, height, { class: "anchor" }),
  );
}
