import type { ExplanationPageData } from "../../src/explanation-data.js";
import { unpackShares } from "../../src/unpack-bytes.js";
import { unpackPoints } from "../../src/unpack-points.js";
import type { PackedBox } from "../../src/viewer-frame.js";
import { boxFacts } from "../box-facts.js";
import { element, select } from "../dom.js";
import { rayHits } from "../scene/ray-hits.js";
import type { BoxGroup, SceneView } from "../scene/scene-view.js";
import { stage } from "../stage.js";
import { button, checkbox } from "../viewer-controls.js";
import { placesAbove, worthColours, worthGradient } from "./worth-colours.js";

/** Points that are worth so much of the largest are drawn large. */
const LARGE = 0.1;
/** A box is pointed at within so much of its distance. */
const POINTING = 0.01;
const CHOSEN = "#ffffff";
const OTHER = "#8fa3bb";
const TRUTH = "#7fe0b0";

/** The scan in 3D, its points coloured by what they are worth to one box, and a table of all boxes that were explained. */
export function attributionPanel(data: ExplanationPageData, view: SceneView): HTMLElement {
  return new AttributionPanel(data, view).node;
}

class AttributionPanel {
  readonly node: HTMLElement;
  private readonly data: ExplanationPageData;
  private readonly view: SceneView;
  private readonly boxes: readonly PackedBox[];
  private readonly rows: readonly HTMLTableRowElement[];
  private readonly status = element("p", { class: "status", role: "status" });
  private readonly note = element("p", { class: "note" });
  private readonly scale = element("span", { class: "worth-scale", "aria-hidden": "true" });
  private readonly ends = [element("span", {}), element("span", {})];
  private readonly chooser: HTMLSelectElement;
  private object = 0;
  private method = 0;
  private truth = true;

  constructor(data: ExplanationPageData, view: SceneView) {
    this.data = data;
    this.view = view;
    this.boxes = data.objects.map(({ box }) => box);
    const names = data.objects.map(({ number, box }, i) => [String(i), `${number} ${box.type}`] as const);
    const chooser = select("Object", names, (value) => this.choose(Number(value)));
    this.chooser = chooser.querySelector("select")!;
    const step = (by: number) => this.choose((this.object + by + this.boxes.length) % this.boxes.length);
    const controls = element(
      "div",
      { class: "controls" },
      element(
        "div",
        { class: "frames" },
        chooser,
        button("‹", () => step(-1), "Object before"),
        button("›", () => step(1), "Next object"),
      ),
    );
    if (data.methods.length > 1) {
      const methods = data.methods.map(({ name }, i) => [String(i), name] as const);
      controls.append(
        select("Asked", methods, (value) => {
          this.method = Number(value);
          this.show();
        }),
      );
    }
    if (data.frame.truth !== null) {
      const onChange = (on: boolean) => {
        this.truth = on;
        this.show();
      };
      controls.append(checkbox({ name: "labels", colour: TRUTH, dashed: true, onChange }));
    }
    controls.append(element("div", { class: "worth-legend" }, this.ends[0], this.scale, this.ends[1]));
    this.rows = data.objects.map((_, i) => this.row(i));
    this.node = element(
      "div",
      { class: "viewer" },
      controls,
      stage(view),
      this.status,
      this.note,
      element(
        "div",
        { class: "scroll worth-table", tabindex: 0, role: "region", "aria-label": "Explained boxes" },
        this.table(),
      ),
    );
    view.setPoints(unpackPoints(data.frame.points), "height");
    view.onPoint = (ray) => {
      const [hit] = rayHits(
        ray,
        this.boxes.map(({ box }) => box),
        POINTING,
      );
      if (hit !== undefined) this.choose(hit);
    };
    this.node.addEventListener("keydown", ({ key, target, ctrlKey, metaKey, altKey }) => {
      if (ctrlKey || metaKey || altKey || target instanceof HTMLSelectElement) return;
      if (key === "n" || key === "N") step(1);
      if (key === "p" || key === "P") step(-1);
    });
    this.choose(0);
  }

  private choose(object: number): void {
    this.object = object;
    this.chooser.value = String(object);
    this.show();
    this.view.lookAt(this.boxes[object].box);
  }

  private show(): void {
    const { methods, objects, frame } = this.data;
    const { worth, number, box } = objects[this.object];
    const { note, unit, name } = methods[this.method];
    const shares = unpackShares(worth[this.method]);
    this.view.paint(worthColours(shares), placesAbove(shares, LARGE));
    const { limit } = worth[this.method];
    const signed = shares.some((share) => share < 0);
    this.scale.style.background = worthGradient(signed);
    const end = `${limit.toPrecision(2)} ${unit}`;
    this.ends[0].textContent = signed ? `−${end}` : "0";
    this.ends[1].textContent = end;
    this.note.textContent = note;
    const coloured = shares.reduce((count, share) => count + (share === 0 ? 0 : 1), 0);
    this.status.textContent = `${number} ${boxFacts(box, { name, isTruth: false })} · ${coloured} points coloured`;
    this.rows.forEach((row, i) => {
      row.classList.toggle("chosen", i === this.object);
      row.querySelector("button")!.setAttribute("aria-pressed", String(i === this.object));
    });
    const others = this.boxes.filter((_, i) => i !== this.object);
    const groups: BoxGroup[] = [
      { boxes: others, colour: OTHER, width: 1, dashed: false, order: 0 },
      { boxes: this.truth ? (frame.truth ?? []) : [], colour: TRUTH, width: 1, dashed: true, order: 1 },
      { boxes: [box], colour: CHOSEN, width: 2, dashed: false, order: 2 },
    ];
    this.view.setBoxes(groups);
  }

  private table(): HTMLTableElement {
    const heads = ["Object", "Score", "Distance, m", ...this.data.columns];
    return element(
      "table",
      { class: "boxes" },
      element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
      element("tbody", {}, ...this.rows),
    );
  }

  private row(i: number): HTMLTableRowElement {
    const { number, box, figures } = this.data.objects[i];
    const pick = button(`${number} ${box.type}`, () => this.choose(i), `Object ${number}, ${box.type}`);
    pick.className = "pick";
    const cells = [
      box.score?.toFixed(2) ?? "",
      Math.hypot(box.box[0], box.box[1]).toFixed(1),
      ...figures.map((figure) => figure ?? "–"),
    ];
    return element("tr", {}, element("th", { scope: "row" }, pick), ...cells.map((text) => element("td", {}, text)));
  }
}
