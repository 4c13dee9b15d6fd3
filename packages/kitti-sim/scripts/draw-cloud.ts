import { boxesFromObjects } from "kitti-io";
import type { RgbImage, SimulatedFrame } from "../src/index.js";

/** Pixels of a metre, and the metres shown: 60 ahead, 24 to each side. */
const SCALE = 8;
const AHEAD = 60;
const ASIDE = 24;

/** A scan from above, forward up: points by height, labelled boxes outlined. */
export function drawCloud({ points, objects, calibration }: SimulatedFrame): RgbImage {
  const [width, height] = [2 * ASIDE * SCALE, AHEAD * SCALE];
  const data = new Uint8Array(3 * width * height).fill(16);
  const paint = (x: number, y: number, colour: readonly number[]) => {
    const [u, v] = [Math.floor((ASIDE - y) * SCALE), Math.floor((AHEAD - x) * SCALE)];
    if (u >= 0 && v >= 0 && u < width && v < height) data.set(colour, 3 * (v * width + u));
  };
  for (let at = 0; at < points.length; at += 4) {
    const high = Math.min(1, Math.max(0, (points[at + 2] + 2) / 3));
    paint(points[at], points[at + 1], [90 + 165 * high, 140 + 60 * high, 220 - 160 * high]);
  }
  const boxes = boxesFromObjects(
    objects.filter(({ type }) => type !== "DontCare"),
    calibration,
  );
  for (let at = 0; at < boxes.length; at += 7)
    outline(boxes.subarray(at, at + 7), (x, y) => paint(x, y, [120, 255, 120]));
  return { width, height, data };
}

function outline(
  [x, y, , dx, dy, , yaw]: ArrayLike<number> & Iterable<number>,
  dot: (x: number, y: number) => void,
): void {
  for (let share = -0.5; share <= 0.5; share += 0.005) {
    for (const [a, b] of [
      [share * dx, dy / 2],
      [share * dx, -dy / 2],
      [dx / 2, share * dy],
      [-dx / 2, share * dy],
    ]) {
      dot(x + Math.cos(yaw) * a - Math.sin(yaw) * b, y + Math.sin(yaw) * a + Math.cos(yaw) * b);
    }
  }
}
