import { type MaterialName, materialIndex } from "../materials.js";
import type { Mesh } from "../mesh.js";

const FACES = [
  0, 2, 1, 1, 2, 3, 4, 5, 6, 5, 7, 6, 0, 1, 4, 1, 5, 4, 2, 6, 3, 3, 6, 7, 0, 4, 2, 2, 4, 6, 1, 3, 5, 3, 7, 5,
];

/** Bottom and top of a block: low and high x and y of each, and its z. */
export interface BlockShape {
  readonly bottom: readonly [number, number, number, number];
  readonly top?: readonly [number, number, number, number];
  readonly z: readonly [number, number];
}

/** A block with level faces below and above and four plane sides, which may lean: a cabin, a trunk, a house. */
export function block(material: MaterialName, { bottom, top = bottom, z }: BlockShape): Mesh {
  // corner i: x from bit 0, y from bit 1, z from bit 2
  const positions = Float32Array.from({ length: 24 }, (_, at) => {
    const corner = Math.floor(at / 3);
    const [x0, x1, y0, y1] = corner & 4 ? top : bottom;
    return [corner & 1 ? x1 : x0, corner & 2 ? y1 : y0, z[corner >> 2]][at % 3];
  });
  return {
    positions,
    triangles: Uint32Array.from(FACES),
    materials: new Uint8Array(12).fill(materialIndex(material)),
  };
}
