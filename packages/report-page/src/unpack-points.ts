import type { PackedPoints } from "./viewer-frame.js";

/** Points of a page. */
export interface UnpackedPoints {
  /** [n, 3] metres */
  readonly positions: Float32Array;
  /** [n] 0..1 */
  readonly intensities: Float32Array;
}

/** The inverse of `packPoints`, to half a step and 1/510 of intensity. Runs in browsers too. */
export function unpackPoints({ count, step, positions, intensities }: PackedPoints): UnpackedPoints {
  const coordinates = new DataView(bytesOf(positions).buffer);
  const levels = bytesOf(intensities);
  return {
    positions: Float32Array.from({ length: 3 * count }, (_, i) => step * coordinates.getInt16(2 * i, true)),
    intensities: Float32Array.from(levels, (level) => level / 255),
  };
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
