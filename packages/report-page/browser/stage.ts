import { element } from "./dom.js";
import type { SceneView } from "./scene/scene-view.js";
import { button } from "./viewer-controls.js";

/** The canvas with the buttons that lie on it. */
export function stage(view: SceneView): HTMLElement {
  const { canvas } = view;
  canvas.setAttribute("role", "application");
  canvas.setAttribute(
    "aria-label",
    "3D view of the scan. Arrows move, with shift they turn; plus and minus zoom; N and P go from box to box, Escape lets go; R resets; B looks from above.",
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
    "Circles: every 10 m. Drag to turn, right-drag to move, wheel to zoom. Keys: arrows, shift + arrows, + −, N, P, R, B.",
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
