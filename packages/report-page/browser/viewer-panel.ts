import type { UnpackedPoints } from "../src/unpack-points.js";
import type { PackedBox, PackedImage } from "../src/viewer-frame.js";
import { boxFacts } from "./box-facts.js";
import { BoxTable } from "./box-table.js";
import { classColours } from "./class-colours.js";
import { ClassLegend } from "./class-legend.js";
import { element, select } from "./dom.js";
import { HALO, insideHalo, neighbourOf, nextOf, PictureView } from "./picture/picture-view.js";
import type { ColourBy } from "./scene/point-colours.js";
import { rayHits } from "./scene/ray-hits.js";
import { type BoxGroup, SceneView } from "./scene/scene-view.js";
import {
  counted,
  LABELS,
  type SourceBoxes,
  sourceColour,
  switchedOn,
  TRUTH_COLOUR,
  type ViewState,
  withoutHidden,
} from "./shown-boxes.js";
import { stage } from "./stage.js";
import { button, checkbox, frameControls, key, thresholdControl } from "./viewer-controls.js";

/** A scan with boxes. */
export interface ShownFrame {
  readonly id: string;
  readonly points: UnpackedPoints;
  /** null: there are no labels */
  readonly truth: readonly PackedBox[] | null;
  /** one list for each source */
  readonly detections: readonly (readonly PackedBox[])[];
  /** null: there is none */
  readonly image: PackedImage | null;
}

/** What a panel shows, and what it draws in. */
export interface ViewerPanelOptions {
  /** what made the detections */
  readonly sources: readonly string[];
  readonly frames: readonly ShownFrame[];
  /** of an earlier panel, say; default: a new one */
  readonly view?: SceneView | Error;
}

/** A box is pointed at within so much of its distance: about six pixels. */
const POINTING = 0.01;
/** Widths of the lines by source, pixels: where boxes lie on each other, the colours of all of them show. */
const WIDTHS = [2.8, 1.8, 1.1];
const NOTHING_PICKED = "Click or tap a box, or press N, to see what it is.";

/** A view, or why there is none: the browser has no WebGL. */
export function openView(): SceneView | Error {
  try {
    return new SceneView();
  } catch (error) {
    return error as Error;
  }
}

/**
 * Frames with their controls: the scan in 3D, the camera's image where there is one, a legend of the classes, and the boxes as a
 * table. A box that is picked in one of them lights up in all.
 */
export function viewerPanel({ sources, frames, view = openView() }: ViewerPanelOptions): HTMLElement {
  if (view instanceof Error) return element("p", { class: "missing" }, `The 3D view needs WebGL: ${view.message}`);
  const panel = new Panel(view, sources, frames);
  return panel.node;
}

class Panel {
  readonly node: HTMLElement;
  private readonly view: SceneView;
  private readonly sources: readonly string[];
  private readonly frames: readonly ShownFrame[];
  private readonly colours: ReadonlyMap<string, string>;
  private readonly state: ViewState;
  private readonly picture = new PictureView();
  private readonly table = new BoxTable((box) => this.pick(box));
  private readonly status = element("p", { class: "status", role: "status" });
  private readonly legend = new ClassLegend((type, on) => {
    if (on) this.state.hidden.delete(type);
    else this.state.hidden.add(type);
    this.showBoxes();
  });
  private readonly pickedText = element("span", { role: "status" }, NOTHING_PICKED);
  private readonly pickedKey = element("span", {});
  private readonly pickedButtons = element(
    "span",
    { class: "buttons", hidden: true },
    button("Go there", () => this.view.lookAt(this.state.picked!.box), "Look at this box in 3D"),
    button("Let go", () => this.pick(null), "Let go of this box"),
  );
  private shown: readonly SourceBoxes[] = [];

  constructor(view: SceneView, sources: readonly string[], frames: readonly ShownFrame[]) {
    this.view = view;
    this.sources = sources;
    this.frames = frames;
    this.colours = classColours(frames.flatMap(({ truth, detections }) => typesOf([truth ?? [], ...detections])));
    this.state = {
      frame: 0,
      truth: true,
      sources: sources.map(() => true),
      hidden: new Set(),
      threshold: 0.3,
      colourBy: "height",
      boxesBy: sources.length > 1 ? "source" : "class",
      picked: null,
    };
    view.onPoint = (ray) => {
      const boxes = this.shown.flatMap((list) => list.boxes);
      const hits = rayHits(
        ray,
        boxes.map(({ box }) => box),
        POINTING,
      );
      this.pick(
        nextOf(
          hits.map((hit) => boxes[hit]),
          this.state.picked,
        ),
      );
    };
    this.picture.onPick = (box) => this.pick(box);
    const views = element("div", { class: "sights" }, this.picture.node, stage(view));
    const picked = element(
      "div",
      { class: "picked" },
      element("span", {}, this.pickedKey, this.pickedText),
      this.pickedButtons,
    );
    const list = element("details", {}, element("summary", {}, "Boxes as a table"), this.table.node);
    this.node = element(
      "div",
      { class: "viewer" },
      this.controls(),
      views,
      picked,
      this.status,
      this.legend.node,
      list,
    );
    this.node.addEventListener("keydown", (event) => this.pickByKey(event));
    this.showFrame(0);
  }

  private controls(): HTMLElement {
    const { state } = this;
    const controls = element("div", { class: "controls" });
    const ids = this.frames.map(({ id }) => id);
    if (ids.length > 1) controls.append(frameControls(ids, (frame) => this.showFrame(frame)));
    const change = (set: () => void) => {
      set();
      this.showBoxes();
    };
    if (this.frames.some(({ truth }) => truth !== null)) {
      const onChange = (on: boolean) =>
        change(() => {
          state.truth = on;
        });
      controls.append(checkbox({ name: LABELS, colour: TRUTH_COLOUR, dashed: true, onChange }));
    }
    this.sources.forEach((name, source) => {
      const onChange = (on: boolean) =>
        change(() => {
          state.sources[source] = on;
        });
      controls.append(
        checkbox({ name, colour: this.sources.length > 1 ? sourceColour(source) : TRUTH_COLOUR, onChange }),
      );
    });
    if (this.sources.length > 0) {
      controls.append(
        thresholdControl(state.threshold, (threshold) =>
          change(() => {
            state.threshold = threshold;
          }),
        ),
      );
    }
    const by = (["height", "intensity", "distance"] as const).map((each) => [each, each] as const);
    controls.append(
      select<ColourBy>("Points by", by, (each) => {
        state.colourBy = each;
        this.view.colourBy(each);
      }),
    );
    if (this.sources.length > 1) {
      const boxesBy = [
        ["source", "source"],
        ["class", "class"],
      ] as const;
      controls.append(
        select("Boxes by", boxesBy, (each) =>
          change(() => {
            state.boxesBy = each;
            this.showLegend();
          }),
        ),
      );
    }
    return controls;
  }

  private showFrame(frame: number): void {
    const { state } = this;
    state.frame = frame;
    state.picked = null;
    this.view.setPoints(this.frames[frame].points, state.colourBy);
    const { image } = this.frames[frame];
    this.picture.setImage(image);
    this.node.classList.toggle("pictured", image !== null);
    this.node.classList.toggle("wide", image !== null && image.width > 2 * image.height);
    this.showLegend();
    this.showBoxes();
  }

  private showLegend(): void {
    const { frame, boxesBy, hidden } = this.state;
    const { truth, detections } = this.frames[frame];
    const classes = [...new Set(typesOf([truth ?? [], ...detections]))].sort();
    const colourOf = (type: string) => (boxesBy === "class" ? this.colours.get(type) : undefined);
    this.legend.setClasses(classes, { hidden, colourOf });
  }

  private showBoxes(): void {
    const { state } = this;
    const frame = this.frames[state.frame];
    const lists = switchedOn(frame, this.sources, state);
    this.shown = withoutHidden(lists, state.hidden);
    const counts = this.shown.map(({ name, boxes }) => counted(boxes.length, name));
    this.status.textContent = `Scan ${frame.id}: ${counts.join(", ")}`;
    this.legend.setCounts(lists);
    this.table.setBoxes(this.shown);
    this.pick(this.shown.some(({ boxes }) => boxes.includes(state.picked!)) ? state.picked : null);
  }

  /** Lights up a box in the scan, the image and the table, and says what it is; null: none. */
  private pick(picked: PackedBox | null): void {
    this.state.picked = picked;
    const list = this.shown.find(({ boxes }) => boxes.includes(picked!));
    this.pickedText.textContent = picked === null || list === undefined ? NOTHING_PICKED : boxFacts(picked, list);
    this.pickedKey.replaceChildren(...(list === undefined ? [] : [key(this.colourOf(picked!, list), list.isTruth)]));
    this.pickedButtons.hidden = picked === null;
    this.table.setPicked(picked);
    this.view.setBoxes([...this.groups(), ...this.litUp(picked, list)]);
    const pictured = this.shown.flatMap((each) =>
      each.boxes.map((box) => ({ box, colour: this.colourOf(box, each), dashed: each.isTruth })),
    );
    this.picture.setBoxes(pictured, picked);
  }

  private pickByKey({ key: pressed, target, ctrlKey, metaKey, altKey }: KeyboardEvent): void {
    if (ctrlKey || metaKey || altKey || target instanceof HTMLSelectElement) return;
    if (pressed === "Escape") this.pick(null);
    const by = { n: 1, N: 1, p: -1, P: -1 }[pressed];
    if (by === undefined) return;
    const distance = ({ box: [x, y] }: PackedBox) => Math.hypot(x, y);
    const order = this.shown.flatMap(({ boxes }) => boxes).sort((a, b) => distance(a) - distance(b));
    this.pick(neighbourOf(order, this.state.picked, by));
  }

  private colourOf({ type }: PackedBox, { colour }: SourceBoxes): string {
    return this.state.boxesBy === "class" ? this.colours.get(type)! : colour;
  }

  /** Boxes of one source and one colour together. */
  private groups(): BoxGroup[] {
    return this.shown.flatMap((list, order) => {
      const colours = new Set(list.boxes.map((box) => this.colourOf(box, list)));
      const style = { width: WIDTHS[Math.min(order, WIDTHS.length - 1)], dashed: list.isTruth, order };
      return [...colours].map((colour) => {
        const boxes = list.boxes.filter((box) => this.colourOf(box, list) === colour);
        return { ...style, colour, boxes };
      });
    });
  }

  private litUp(picked: PackedBox | null, list: SourceBoxes | undefined): BoxGroup[] {
    if (picked === null || list === undefined) return [];
    const [boxes, order] = [[picked], this.shown.length];
    const colour = insideHalo(this.colourOf(picked, list));
    return [
      { boxes, order, colour: HALO, width: 7, dashed: false },
      { boxes, order: order + 1, colour, width: 3, dashed: list.isTruth },
    ];
  }
}

function typesOf(lists: readonly (readonly PackedBox[])[]): string[] {
  return lists.flatMap((boxes) => boxes.map(({ type }) => type));
}
