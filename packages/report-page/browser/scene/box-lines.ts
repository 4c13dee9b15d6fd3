import { LineMaterial } from "three/addons/lines/LineMaterial.js";
import { LineSegments2 } from "three/addons/lines/LineSegments2.js";
import { LineSegmentsGeometry } from "three/addons/lines/LineSegmentsGeometry.js";
import type { PackedBox } from "../../src/viewer-frame.js";
import { boxEdges } from "./box-edges.js";

/** How boxes are drawn. */
export interface LineStyle {
  readonly colour: string;
  /** pixels */
  readonly width: number;
  readonly dashed: boolean;
  /** 0, 1, ...: drawn over the points and over what has a lower one */
  readonly order: number;
}

/** The edges of boxes and a line from each one's middle forward, as one object of one style. */
export function boxLines(boxes: readonly PackedBox[], { colour, width, dashed, order }: LineStyle): LineSegments2 {
  const geometry = new LineSegmentsGeometry().setPositions(boxes.flatMap(({ box }) => boxEdges(box)));
  const material = new LineMaterial({ color: colour, linewidth: width, depthTest: false, dashed });
  if (dashed) Object.assign(material, { dashSize: 0.35, gapSize: 0.25 }); // metres
  const lines = new LineSegments2(geometry, material);
  if (dashed) lines.computeLineDistances();
  lines.renderOrder = 1 + order;
  return lines;
}
