import { interpolateViridis } from "d3-scale-chromatic";
import type { UnpackedPoints } from "../../src/unpack-points.js";
import type { SceneExtent } from "./scene-extent.js";

export type ColourBy = "height" | "intensity" | "distance";

/** Metres from the road to where the colours end: what is higher is a building or a tree. */
const HEIGHTS = [-0.3, 3.2] as const;

/** From which to which value the colours go. */
function rangeOf({ ground, reach, intensity }: SceneExtent, by: ColourBy): readonly [number, number] {
  if (by === "height") return [ground + HEIGHTS[0], ground + HEIGHTS[1]];
  return by === "distance" ? [0, Math.max(1, reach)] : [0, Math.max(0.01, intensity)];
}

/** The darkest colours would not stand out from the background. */
const DARKEST = 0.22;

const TABLE = Array.from({ length: 256 }, (_, i) =>
  colourBytes(interpolateViridis(DARKEST + ((1 - DARKEST) * i) / 255)),
);

/** @returns [n, 3] red, green and blue of each point, sRGB 0..255 */
export function pointColours(
  { positions, intensities }: UnpackedPoints,
  by: ColourBy,
  extent: SceneExtent,
): Uint8Array {
  const [low, high] = rangeOf(extent, by);
  const colours = new Uint8Array(positions.length);
  for (let i = 0; i < intensities.length; i += 1) {
    const [x, y, z] = [positions[3 * i], positions[3 * i + 1], positions[3 * i + 2]];
    const value = by === "height" ? z : by === "distance" ? Math.hypot(x, y, z) : intensities[i];
    const place = Math.min(1, Math.max(0, (value - low) / (high - low)));
    colours.set(TABLE[Math.round(255 * place)], 3 * i);
  }
  return colours;
}

/** Red, green and blue, 0..255, of a colour as d3 writes it. */
export function colourBytes(text: string): readonly number[] {
  const hex = /^#(..)(..)(..)$/.exec(text)?.slice(1);
  return hex === undefined ? text.match(/\d+/g)!.map(Number) : hex.map((part) => Number.parseInt(part, 16));
}
