import type { ConfigurationPageData, ConfiguredClass } from "../src/configuration-data.js";
import { unpackPoints } from "../src/unpack-points.js";
import type { PackedFrame } from "../src/viewer-frame.js";
import { classColours } from "./class-colours.js";
import { element, select } from "./dom.js";
import { footprint } from "./footprint.js";
import { svg } from "./svg.js";

/** Metres around the range that are shown. */
const AROUND = 8;
/** Pixels of the picture of points per metre. */
const FINENESS = 8;

/** Of classes that are not configured. */
const OTHER = "#8b98a8";

/** Colour of a class, as the views of the same data have it; those that are not configured are grey. */
export function configuredColours({ classes, frames }: ConfigurationPageData): (name: string) => string {
  const names = classes.map(({ name }) => name);
  const colours = classColours([...names, ...frames.flatMap(({ truth }) => (truth ?? []).map(({ type }) => type))]);
  return (name) => (names.includes(name) ? colours.get(name)! : OTHER);
}

/** Scans from above, x to the right and y up, with the range and the boxes of every class; one of them at a time. */
export function groundPlan(data: ConfigurationPageData): HTMLElement {
  const { frames, classes, pointRange, cell } = data;
  const colourOf = configuredColours(data);
  const stage = element("div", { class: "plan" });
  const status = element("p", { class: "status", role: "status" });
  const show = (frame: PackedFrame) => {
    stage.replaceChildren(planOf(frame, pointRange, colourOf));
    status.textContent = describe(frame, classes, pointRange);
  };
  const names = frames.map(({ id }, i) => [String(i), id] as const);
  const chooser = select("Scan", names, (value) => show(frames[Number(value)]));
  show(frames[0]);
  const note = `Squares of 10 m; a cell of the map has ${cell.map((side) => side.toFixed(2)).join(" × ")} m.`;
  return element(
    "div",
    { class: "viewer" },
    element("div", { class: "controls" }, chooser, legend(classes, colourOf)),
    stage,
    status,
    element("p", { class: "note" }, note),
  );
}

function legend(classes: readonly ConfiguredClass[], colourOf: (name: string) => string): HTMLElement {
  const item = (name: string, colour: string) =>
    element("li", {}, element("span", { class: "box-key", style: `--key: ${colour}`, "aria-hidden": "true" }), name);
  return element(
    "ul",
    { class: "legend plan-legend" },
    ...classes.map(({ name }) => item(name, colourOf(name))),
    item("not configured", OTHER),
    element("li", {}, element("span", { class: "box-key bounds", "aria-hidden": "true" }), "range"),
  );
}

function describe({ id, truth }: PackedFrame, classes: readonly ConfiguredClass[], range: readonly number[]): string {
  const counts = new Map<string, number>();
  let outside = 0;
  for (const { type, box } of truth ?? []) {
    counts.set(type, (counts.get(type) ?? 0) + 1);
    if (!isInside(box, range)) outside++;
  }
  const order = [...counts].sort(([a], [b]) => placeOf(classes, a) - placeOf(classes, b));
  const list = order.map(([name, count]) => `${count} ${name}`).join(", ");
  return `Scan ${id}: ${list === "" ? "no objects" : list}; ${outside} outside the range`;
}

function placeOf(classes: readonly ConfiguredClass[], name: string): number {
  const index = classes.findIndex((each) => each.name === name);
  return index < 0 ? classes.length : index;
}

function isInside(box: readonly number[], range: readonly number[]): boolean {
  return [0, 1, 2].every((axis) => box[axis] >= range[axis] && box[axis] <= range[axis + 3]);
}

function planOf(frame: PackedFrame, range: readonly number[], colourOf: (name: string) => string): SVGSVGElement {
  const [left, low] = [range[0] - AROUND, range[1] - AROUND];
  const [right, high] = [range[3] + AROUND, range[4] + AROUND];
  const [width, height] = [right - left, high - low];
  const boxes = (frame.truth ?? []).filter(({ box: [x, y] }) => x > left && x < right && y > low && y < high);
  // y grows upwards: everything in metres is in a group that is turned over.
  return svg(
    "svg",
    {
      viewBox: `${left} ${-high} ${width} ${height}`,
      role: "img",
      "aria-label": `Scan ${frame.id} from above with its labelled boxes and the range of the detector`,
      style: `aspect-ratio: ${width} / ${height}`,
    },
    svg("image", { href: pointsImage(frame, { left, high, width, height }), x: left, y: -high, width, height }),
    svg(
      "g",
      { transform: "scale(1 -1)" },
      svg("path", { class: "grid-lines", d: tenMetres({ left, low, right, high }) }),
      svg("rect", {
        class: "range",
        x: range[0],
        y: range[1],
        width: range[3] - range[0],
        height: range[4] - range[1],
      }),
      svg("path", { class: "sensor", d: "M-1.5 0H1.5M0 -1.5V1.5" }),
      ...boxes.map(({ type, box }) => {
        const colour = colourOf(type);
        const drawn = footprint(box);
        drawn.setAttribute("class", colour === OTHER ? "labelled other" : "labelled");
        drawn.setAttribute("style", `--key: ${colour}`);
        const [x, y, , ...size] = box.map((value) => value.toFixed(1));
        drawn.append(svg("title", {}, `${type} at ${x}, ${y}; ${size.slice(0, 3).join(" × ")} m`));
        return drawn;
      }),
    ),
  );
}

function tenMetres(area: { left: number; low: number; right: number; high: number }): string {
  const lines: string[] = [];
  for (let x = 10 * Math.ceil(area.left / 10); x < area.right; x += 10) lines.push(`M${x} ${area.low}V${area.high}`);
  for (let y = 10 * Math.ceil(area.low / 10); y < area.high; y += 10) lines.push(`M${area.left} ${y}H${area.right}`);
  return lines.join("");
}

/** Points as a picture. */
function pointsImage(
  { points }: PackedFrame,
  area: { left: number; high: number; width: number; height: number },
): string {
  const canvas = element("canvas", {
    width: Math.round(FINENESS * area.width),
    height: Math.round(FINENESS * area.height),
  });
  const context = canvas.getContext("2d")!;
  context.fillStyle = "rgba(165, 182, 205, 0.5)";
  const { positions } = unpackPoints(points);
  for (let i = 0; 3 * i < positions.length; i++) {
    const [x, y] = [positions[3 * i] - area.left, area.high - positions[3 * i + 1]];
    context.fillRect(FINENESS * x - 0.75, FINENESS * y - 0.75, 1.5, 1.5);
  }
  return canvas.toDataURL();
}
