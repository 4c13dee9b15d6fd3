import { unpackPoints } from "../src/unpack-points.js";
import type { PackedFrame } from "../src/viewer-frame.js";
import type { ShownFrame } from "./viewer-panel.js";

/** A frame of the page's data; its points are unpacked whenever it is shown. */
export function unpackFrame({ id, points, truth, detections, image }: PackedFrame): ShownFrame {
  return {
    id,
    get points() {
      return unpackPoints(points);
    },
    truth,
    detections,
    image,
  };
}
