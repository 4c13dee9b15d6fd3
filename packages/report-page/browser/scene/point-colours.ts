import { interpolateViridis } from "d3-scale-chromatic";
import type { UnpackedPoints } from "../../src/unpack-points.js";

export type ColourBy = "height" | "intensity" | "distance";

/** From which to which value the colours go: metres, 0..1, metres. */
const RANGES: Readonly<Record<ColourBy, readonly [number, number]>> = {
  height: [-2, 1.5],
  intensity: [0, 0.7],
  distance: [0, 60],
};

/** The darkest colours would not stand out from the background. */
const DARKEST = 0.22;

const TABLE = Array.from({ length: 256 }, (_, i) => rgb(interpolateViridis(DARKEST + ((1 - DARKEST) * i) / 255)));

/** @returns [n, 3] red, green and blue of each point, sRGB 0..255 */
export function pointColours({ positions, intensities }: UnpackedPoints, by: ColourBy): Uint8Array {
  const [low, high] = RANGES[by];
  const colours = new Uint8Array(positions.length);
  for (let i = 0; i < intensities.length; i += 1) {
    const [x, y, z] = [positions[3 * i], positions[3 * i + 1], positions[3 * i + 2]];
    const value = by === "height" ? z : by === "distance" ? Math.hypot(x, y, z) : intensities[i];
    const place = Math.min(1, Math.max(0, (value - low) / (high - low)));
    colours.set(TABLE[Math.round(255 * place)], 3 * i);
  }
  return colours;
}

function rgb(text: string): readonly number[] {
  const hex = /^#(..)(..)(..)$/.exec(text)?.slice(1);
  return hex === undefined ? text.match(/\d+/g)!.map(Number) : hex.map((part) => Number.parseInt(part, 16));
}
