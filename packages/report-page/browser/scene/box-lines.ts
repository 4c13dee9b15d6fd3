import { LineMaterial } from "three/addons/lines/LineMaterial.js";
import { LineSegments2 } from "three/addons/lines/LineSegments2.js";
import { LineSegmentsGeometry } from "three/addons/lines/LineSegmentsGeometry.js";
import type { PackedBox } from "../../src/viewer-frame.js";

/**
 * Corners 0..3 at the bottom, 4..7 above them; 0 and 1 in front.
 *
 *      5 ------ 4
 *     /|       /|      heading: from the middle of the
 *    6 ------ 7 |      bottom to beyond the front edge 0-1
 *    | 1 -----|-0
 *    |/       |/
 *    2 ------ 3
 */
const EDGES = [0, 1, 1, 2, 2, 3, 3, 0, 4, 5, 5, 6, 6, 7, 7, 4, 0, 4, 1, 5, 2, 6, 3, 7];
const SIDES = [
  [0.5, -0.5],
  [0.5, 0.5],
  [-0.5, 0.5],
  [-0.5, -0.5],
] as const;

/** Widths of the lines by order: where boxes lie on each other, the colours of all of them show. */
const WIDTHS = [2.8, 1.8, 1.1];

/**
 * The edges of boxes and a line from each one's middle forward, as one object of one colour.
 * @param order 0, 1, ...: drawn over the points and over what has a lower one
 */
export function boxLines(
  boxes: readonly PackedBox[],
  { colour, order }: { readonly colour: string; readonly order: number },
): LineSegments2 {
  const geometry = new LineSegmentsGeometry().setPositions(boxes.flatMap(({ box }) => segmentsOf(box)));
  const linewidth = WIDTHS[Math.min(order, WIDTHS.length - 1)];
  const lines = new LineSegments2(geometry, new LineMaterial({ color: colour, linewidth, depthTest: false }));
  lines.renderOrder = 1 + order;
  return lines;
}

/** Ends of 13 segments, x, y, z each. */
function segmentsOf(box: readonly number[]): number[] {
  const [x, y, z, length, width, height, yaw] = box;
  const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
  const at = (forward: number, left: number, up: number) => [
    x + cos * forward - sin * left,
    y + sin * forward + cos * left,
    z + up,
  ];
  const corners = [-0.5, 0.5].flatMap((level) =>
    SIDES.map(([forward, left]) => at(forward * length, left * width, level * height)),
  );
  const heading = [at(0, 0, -height / 2), at(0.5 * length + 0.7, 0, -height / 2)];
  return [...EDGES.flatMap((corner) => corners[corner]), ...heading.flat()];
}
