import { interpolateInferno } from "d3-scale-chromatic";
import type { PackedMap } from "../../src/explanation-data.js";
import { unpackShares } from "../../src/unpack-bytes.js";
import type { PackedBox } from "../../src/viewer-frame.js";
import { element } from "../dom.js";
import { footprint } from "../footprint.js";
import { colourBytes } from "../scene/point-colours.js";
import { svg } from "../svg.js";

const TABLE = Array.from({ length: 256 }, (_, i) => colourBytes(interpolateInferno(i / 255)));

/** One map from above as a picture, a pixel for each cell: x to the right, y up; black: nothing. */
export function mapCanvas({ width, height, values }: PackedMap, map = 0): HTMLCanvasElement {
  const canvas = element("canvas", { width, height });
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(width, height);
  unpackShares(values[map]).forEach((share, i) => {
    const [y, x] = [height - 1 - Math.floor(i / width), i % width];
    // Most cells are far below the largest: a root shows them.
    image.data.set([...TABLE[Math.round(255 * Math.sqrt(Math.max(0, share)))], 255], 4 * (y * width + x));
  });
  context.putImageData(image, 0, 0);
  return canvas;
}

/** The same with boxes over it, in metres. */
export function mapWithBoxes(
  map: PackedMap,
  { range, boxes, label }: { range: readonly number[]; boxes: readonly PackedBox[]; label: string },
): SVGSVGElement {
  const [left, low, , right, high] = range;
  const [width, height] = [right - left, high - low];
  const href = mapCanvas(map).toDataURL();
  return svg(
    "svg",
    {
      class: "layer-map",
      viewBox: `${left} ${-high} ${width} ${height}`,
      style: `aspect-ratio: ${width} / ${height}`,
      role: "img",
      "aria-label": label,
    },
    svg("image", { href, x: left, y: -high, width, height, preserveAspectRatio: "none" }),
    svg("g", { transform: "scale(1 -1)" }, ...boxes.map(({ box }) => footprint(box))),
  );
}
