import type { UnpackedPoints } from "../src/unpack-points.js";
import type { PackedBox } from "../src/viewer-frame.js";
import { boxTable, type NamedBoxes } from "./box-table.js";
import { element, select } from "./dom.js";
import type { ColourBy } from "./scene/point-colours.js";
import { SceneView } from "./scene/scene-view.js";

/** On the dark background of the 3D view; of each run the colour that the page has for it, lighter. */
const TRUTH = "#ffffff";
const DETECTIONS = ["#5cb0ff", "#ff9a4d", "#4fd6a4", "#e59bff", "#ffd84d", "#ff8fa3"];

/** What is shown. */
interface State {
  frame: number;
  truth: boolean;
  readonly sources: boolean[];
  threshold: number;
  colourBy: ColourBy;
}

/** A scan with boxes. */
export interface ShownFrame {
  readonly id: string;
  readonly points: UnpackedPoints;
  /** null: there are no labels */
  readonly truth: readonly PackedBox[] | null;
  /** one list for each source */
  readonly detections: readonly (readonly PackedBox[])[];
}

/**
 * The 3D view of frames with its controls, and what it shows as a table.
 * @param view to draw in, of an earlier panel say; default: a new one
 */
export function viewerPanel({
  sources,
  frames,
  view = openView(),
}: {
  readonly sources: readonly string[];
  readonly frames: readonly ShownFrame[];
  readonly view?: SceneView | Error;
}): HTMLElement {
  if (view instanceof Error) return element("p", { class: "missing" }, `The 3D view needs WebGL: ${view.message}`);
  const state: State = { frame: 0, truth: true, sources: sources.map(() => true), threshold: 0.3, colourBy: "height" };
  const status = element("p", { class: "status", role: "status" });
  const list = element("div", { class: "scroll" });

  const showBoxes = () => {
    const shown = shownBoxes(frames[state.frame], sources, state);
    view.setBoxes(shown);
    status.replaceChildren(
      `Scan ${frames[state.frame].id}: ${shown.map(({ name, boxes }) => `${boxes.length} ${name}`).join(", ")}`,
    );
    list.replaceChildren(boxTable(shown));
  };
  const showFrame = (frame: number) => {
    state.frame = frame;
    view.setPoints(frames[frame].points, state.colourBy);
    showBoxes();
  };
  const controls = element("div", { class: "controls" }, ...frameControls(frames, showFrame));
  if (frames.some(({ truth }) => truth !== null)) {
    controls.append(
      toggle("labels", TRUTH, (on) => {
        state.truth = on;
        showBoxes();
      }),
    );
  }
  sources.forEach((name, source) => {
    const change = (on: boolean) => {
      state.sources[source] = on;
      showBoxes();
    };
    controls.append(toggle(name, DETECTIONS[source % DETECTIONS.length], change));
  });
  if (sources.length > 0) {
    controls.append(
      thresholdControl(state.threshold, (threshold) => {
        state.threshold = threshold;
        showBoxes();
      }),
    );
  }
  controls.append(
    select<ColourBy>(
      "Colour",
      ["height", "intensity", "distance"].map((by) => [by as ColourBy, by] as const),
      (by) => {
        state.colourBy = by;
        view.colourBy(by);
      },
    ),
  );
  const panel = element("div", { class: "viewer" }, controls, stage(view), status);
  panel.append(element("details", {}, element("summary", {}, "Boxes as a table"), list));
  showFrame(0);
  return panel;
}

/** A view, or why there is none: the browser has no WebGL. */
export function openView(): SceneView | Error {
  try {
    return new SceneView();
  } catch (error) {
    return error as Error;
  }
}

/** The lists of boxes that are switched on, detections above the threshold only. */
function shownBoxes(
  frame: ShownFrame,
  sources: readonly string[],
  { truth, sources: on, threshold }: State,
): (NamedBoxes & { readonly colour: string })[] {
  const scored = (boxes: readonly PackedBox[]) => boxes.filter(({ score }) => score === null || score >= threshold);
  return [
    ...(truth && frame.truth !== null ? [{ name: "labels", boxes: frame.truth, colour: TRUTH }] : []),
    ...sources.flatMap((name, i) =>
      on[i] ? [{ name, boxes: scored(frame.detections[i]), colour: DETECTIONS[i % DETECTIONS.length] }] : [],
    ),
  ];
}

function frameControls(frames: readonly ShownFrame[], show: (frame: number) => void): HTMLElement[] {
  const names = frames.map(({ id }, i) => [String(i), id] as const);
  const chooser = select("Scan", names, (value) => show(Number(value)));
  const list = chooser.querySelector("select")!;
  const step = (by: number) => {
    list.value = String((Number(list.value) + by + frames.length) % frames.length);
    show(Number(list.value));
  };
  if (frames.length === 1) return [chooser];
  const buttons = [button("‹", () => step(-1), "Scan before"), button("›", () => step(1), "Next scan")];
  return [element("div", { class: "frames" }, chooser, ...buttons)];
}

function toggle(name: string, colour: string, onChange: (on: boolean) => void): HTMLLabelElement {
  const box = element("input", { type: "checkbox", checked: true });
  box.addEventListener("change", () => onChange(box.checked));
  const key = element("span", { class: "key", "aria-hidden": "true", style: `--key: ${colour}` });
  return element("label", { class: "toggle" }, box, key, name);
}

function thresholdControl(threshold: number, onChange: (threshold: number) => void): HTMLLabelElement {
  const slider = element("input", { type: "range", min: 0, max: 1, step: 0.05, value: threshold });
  const shown = element("output", {}, threshold.toFixed(2));
  slider.addEventListener("input", () => {
    shown.textContent = Number(slider.value).toFixed(2);
    onChange(Number(slider.value));
  });
  return element("label", { class: "control" }, element("span", {}, "Score ≥"), slider, shown);
}

function button(text: string, onClick: () => void, label = text): HTMLButtonElement {
  const made = element("button", { type: "button", "aria-label": label }, text);
  made.addEventListener("click", onClick);
  return made;
}

/** The canvas with the buttons that lie on it. */
function stage(view: SceneView): HTMLElement {
  const { canvas } = view;
  canvas.setAttribute("role", "application");
  canvas.setAttribute(
    "aria-label",
    "3D view of the scan. Arrows move, with shift they turn; plus and minus zoom; R resets; B looks from above.",
  );
  const views = element(
    "div",
    { class: "views" },
    button("Reset view", () => view.reset()),
    button("Bird’s-eye view", () => view.lookFromAbove()),
  );
  const hint = element(
    "p",
    { class: "hint" },
    "Drag to turn, right-drag to move, wheel to zoom. Keys: arrows, shift + arrows, + −, R, B.",
  );
  canvas.addEventListener("keydown", ({ key, ctrlKey, metaKey }) => {
    if (ctrlKey || metaKey) return;
    if (key === "r" || key === "R") view.reset();
    if (key === "b" || key === "B") view.lookFromAbove();
  });
  const made = element("div", { class: "stage" }, canvas, views, hint);
  new ResizeObserver(() => view.setSize(made.clientWidth, made.clientHeight)).observe(made);
  return made;
}
