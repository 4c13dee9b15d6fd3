import type { PackedBox, PackedImage } from "../../src/viewer-frame.js";
import { element } from "../dom.js";
import { type ProjectedBox, projectBox } from "./project-box.js";

/** A box of the picture and how it is drawn. */
export interface PictureBox {
  readonly box: PackedBox;
  readonly colour: string;
  readonly dashed: boolean;
}

type SeenBox = PictureBox & { readonly seen: ProjectedBox };

/** How far beside a box a click still means it, in pixels of the screen. */
const BESIDE = 6;
/** Around the box that is picked. */
export const HALO = "#ffffff";
/** The colour of that box, which must not be lost in the halo. */
export const insideHalo = (colour: string): string => (colour === HALO ? "#0e131a" : colour);
const SVG = "http://www.w3.org/2000/svg";

/**
 * The image of a camera with the boxes that it sees drawn into it. A click, a tap or the arrow keys pick one; where several
 * lie at one place, another click picks the next.
 */
export class PictureView {
  readonly node: HTMLElement;
  /** Told which box is meant; null: none. */
  onPick: (box: PackedBox | null) => void = () => {};
  private readonly photo = element("img", { alt: "What the camera saw", draggable: false });
  private readonly drawing = document.createElementNS(SVG, "svg");
  private readonly note = element("p", { class: "note" });
  private readonly frame: HTMLElement;
  private image: PackedImage | null = null;
  private boxes: readonly SeenBox[] = [];
  private picked: PackedBox | null = null;

  constructor() {
    this.drawing.setAttribute("aria-hidden", "true");
    this.frame = element(
      "div",
      {
        class: "photo",
        tabindex: 0,
        role: "application",
        "aria-label":
          "Image of the camera with the boxes that it sees. Arrows left and right go from box to box, Escape lets go.",
      },
      this.photo,
      this.drawing,
    );
    this.node = element("div", { class: "picture" }, this.frame, this.note);
    // In a narrow window only a part is seen: what lies ahead.
    this.photo.addEventListener("load", () => {
      this.node.scrollLeft = (this.node.scrollWidth - this.node.clientWidth) / 2;
    });
    this.frame.addEventListener("click", ({ clientX, clientY }) => this.pickAt(clientX, clientY));
    this.frame.addEventListener("keydown", (event) => this.step(event));
  }

  setImage(image: PackedImage | null): void {
    this.image = image;
    this.node.hidden = image === null;
    if (image === null) return;
    this.photo.src = image.url;
    this.photo.width = image.width;
    this.photo.height = image.height;
    this.frame.style.aspectRatio = `${image.width} / ${image.height}`;
    this.drawing.setAttribute("viewBox", `0 0 ${image.width} ${image.height}`);
    this.note.textContent =
      image.projection === null ? "Without a calibration nobody knows where the boxes are in this image." : "";
    this.note.hidden = image.projection !== null;
  }

  setBoxes(boxes: readonly PictureBox[], picked: PackedBox | null): void {
    const { image } = this;
    if (image === null) return;
    this.picked = picked;
    this.boxes = boxes
      .flatMap((each) => {
        const seen = image.projection === null ? undefined : projectBox(each.box.box, image.projection, image);
        return seen === undefined ? [] : [{ ...each, seen }];
      })
      .sort((a, b) => b.seen.depth - a.seen.depth);
    const chosen = this.boxes.find(({ box }) => box === picked);
    this.drawing.replaceChildren(...this.boxes.filter((each) => each !== chosen).map((each) => outline(each)));
    if (chosen === undefined) return;
    const colour = insideHalo(chosen.colour);
    this.drawing.append(outline({ ...chosen, colour: HALO, dashed: false }, "halo"));
    this.drawing.append(outline({ ...chosen, colour }, "chosen"));
    this.bringIntoView(chosen);
  }

  /** Sideways only, where the image is wider than its place. */
  private bringIntoView({ seen: { bounds } }: SeenBox): void {
    const middle = ((bounds[0] + bounds[2]) / 2 / this.image!.width) * this.frame.clientWidth;
    if (this.node.scrollWidth > this.node.clientWidth) this.node.scrollLeft = middle - this.node.clientWidth / 2;
  }

  private pickAt(x: number, y: number): void {
    const { left, top, width } = this.photo.getBoundingClientRect();
    const scale = this.image!.width / width;
    const [u, v] = [scale * (x - left), scale * (y - top)];
    const beside = BESIDE * scale;
    const hits = this.boxes
      .filter(
        ({ seen: { bounds } }) =>
          u >= bounds[0] - beside && v >= bounds[1] - beside && u <= bounds[2] + beside && v <= bounds[3] + beside,
      )
      .map(({ box }) => box)
      .reverse(); // nearest first
    this.onPick(nextOf(hits, this.picked));
  }

  private step(event: KeyboardEvent): void {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const middle = ({ seen: { bounds } }: SeenBox) => bounds[0] + bounds[2];
    const order = [...this.boxes].sort((a, b) => middle(a) - middle(b)).map(({ box }) => box);
    this.onPick(neighbourOf(order, this.picked, by));
  }
}

/** The first of a list; the one after `current` where that is in it, around the end; null of nothing. */
export function nextOf(hits: readonly PackedBox[], current: PackedBox | null): PackedBox | null {
  if (hits.length === 0) return null;
  const at = current === null ? -1 : hits.indexOf(current);
  return hits[(at + 1) % hits.length];
}

/** One step along a list and around its ends; from nowhere to the first or the last. */
export function neighbourOf(order: readonly PackedBox[], current: PackedBox | null, by: number): PackedBox | null {
  if (order.length === 0) return null;
  const at = current === null ? -1 : order.indexOf(current);
  if (at < 0) return by > 0 ? order[0] : order[order.length - 1];
  return order[(at + by + order.length) % order.length];
}

function outline({ seen, colour, dashed }: SeenBox, kind = ""): SVGPathElement {
  const path = document.createElementNS(SVG, "path");
  const { lines } = seen;
  const pieces = Array.from({ length: lines.length / 4 }, (_, i) => {
    const [u1, v1, u2, v2] = lines.slice(4 * i, 4 * i + 4).map((value) => value.toFixed(1));
    return `M${u1} ${v1}L${u2} ${v2}`;
  });
  path.setAttribute("d", pieces.join(""));
  path.setAttribute("stroke", colour);
  path.setAttribute("class", [kind, dashed ? "dashed" : ""].join(" ").trim());
  return path;
}
