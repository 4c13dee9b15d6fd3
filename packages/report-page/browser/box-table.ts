import type { PackedBox } from "../src/viewer-frame.js";
import { boxFacts, headingDegrees } from "./box-facts.js";
import { element } from "./dom.js";
import type { SourceBoxes } from "./shown-boxes.js";

const HEADS = ["From", "Class", "Score", "Distance, m", "x", "y", "z", "Length", "Width", "Height", "Yaw, °"];

/** The boxes that a view shows, in words and numbers; metres, LiDAR frame. The button of a row picks its box. */
export class BoxTable {
  readonly node = element("div", { class: "scroll" });
  private rows: readonly (readonly [PackedBox, HTMLTableRowElement])[] = [];

  constructor(readonly onPick: (box: PackedBox) => void) {}

  setBoxes(lists: readonly SourceBoxes[]): void {
    this.rows = lists.flatMap((list) => list.boxes.map((box) => [box, this.row(list, box)] as const));
    this.node.replaceChildren(
      element(
        "table",
        { class: "boxes" },
        element("thead", {}, element("tr", {}, ...HEADS.map((head) => element("th", { scope: "col" }, head)))),
        element("tbody", {}, ...this.rows.map(([, row]) => row)),
      ),
    );
  }

  setPicked(picked: PackedBox | null): void {
    for (const [box, row] of this.rows) {
      row.classList.toggle("chosen", box === picked);
      row.querySelector("button")!.setAttribute("aria-pressed", String(box === picked));
    }
  }

  private row(list: SourceBoxes, packed: PackedBox): HTMLTableRowElement {
    const { type, box, score } = packed;
    const [x, y, z, length, width, height, yaw] = box;
    const numbers = [x, y, z, length, width, height].map((value) => value.toFixed(2));
    const cells = [type, score?.toFixed(3) ?? "", Math.hypot(x, y).toFixed(1), ...numbers, String(headingDegrees(yaw))];
    const pick = element("button", { type: "button", class: "pick", "aria-label": boxFacts(packed, list) }, list.name);
    pick.addEventListener("click", () => this.onPick(packed));
    return element("tr", {}, element("th", { scope: "row" }, pick), ...cells.map((text) => element("td", {}, text)));
  }
}
