import type { PackedBox } from "../src/viewer-frame.js";
import { element } from "./dom.js";

/** Boxes of one source. */
export interface NamedBoxes {
  readonly name: string;
  readonly boxes: readonly PackedBox[];
}

const HEADS = ["From", "Class", "Score", "Distance, m", "x", "y", "z", "Length", "Width", "Height", "Yaw, °"];

/** The boxes that a view shows, in words and numbers; metres, LiDAR frame. */
export function boxTable(lists: readonly NamedBoxes[]): HTMLElement {
  const rows = lists.flatMap(({ name, boxes }) => boxes.map((box) => row(name, box)));
  return element(
    "table",
    { class: "boxes" },
    element("thead", {}, element("tr", {}, ...HEADS.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...rows),
  );
}

function row(name: string, { type, box, score }: PackedBox): HTMLElement {
  const [x, y, z, length, width, height, yaw] = box;
  const numbers = [x, y, z, length, width, height].map((value) => value.toFixed(2));
  const cells = [
    type,
    score?.toFixed(3) ?? "",
    Math.hypot(x, y).toFixed(1),
    ...numbers,
    ((180 * yaw) / Math.PI).toFixed(0),
  ];
  return element("tr", {}, element("th", { scope: "row" }, name), ...cells.map((text) => element("td", {}, text)));
}
