import { element } from "../dom.js";

/** Around a plot: room for ticks and for the names of the axes beyond them. */
export const MARGINS = { marginLeft: 48, marginRight: 18, marginTop: 26, marginBottom: 42 } as const;

/** Something drawn anew for each width that it gets. */
export interface FigureOptions {
  /** what it shows, for those who cannot see it */
  readonly label: string;
  /** above the drawing */
  readonly title?: string;
  /** without a frame */
  readonly bare?: boolean;
  readonly draw: (width: number) => Element;
}

/** A drawing in the page. */
export interface Figure {
  readonly node: HTMLElement;
  /** for new contents */
  redraw(): void;
}

/** A figure whose drawing always has the width of its place. */
export function figure({ label, title, bare = false, draw }: FigureOptions): Figure {
  const place = element("div", { class: "plot", role: "img", "aria-label": label });
  const node = element("figure", { class: bare ? "bare" : "framed" });
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
