import { element } from "../dom.js";

/** Something drawn anew for each width that it gets. */
export interface FigureOptions {
  /** what it shows, for those who cannot see it */
  readonly label: string;
  /** above the drawing */
  readonly title?: string;
  readonly draw: (width: number) => Element;
}

/** A figure whose drawing always has the width of its place. `redraw` is for new contents. */
export function figure({ label, title, draw }: FigureOptions): { readonly node: HTMLElement; redraw(): void } {
  const place = element("div", { class: "plot", role: "img", "aria-label": label });
  const node = element("figure", {});
  if (title !== undefined) node.append(element("figcaption", {}, title));
  node.append(place);
  let width = 0;
  const redraw = () => {
    if (width > 0) place.replaceChildren(draw(width));
  };
  new ResizeObserver(() => {
    const now = Math.floor(place.clientWidth);
    if (now === width) return;
    width = now;
    redraw();
  }).observe(place);
  return { node, redraw };
}
