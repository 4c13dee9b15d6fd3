import seedrandom from "seedrandom";
import type { Mesh } from "../src/index.js";

/** Triangles of some size at random places in a cube of 20 m around the origin. */
export function randomMesh(count: number, { seed, size = 2 }: { seed: number; size?: number }): Mesh {
  const rng = seedrandom(`mesh ${seed}`);
  const positions = new Float32Array(9 * count);
  for (let triangle = 0; triangle < count; triangle++) {
    const centre = [0, 1, 2].map(() => 20 * rng() - 10);
    for (let k = 0; k < 9; k++) positions[9 * triangle + k] = centre[k % 3] + size * (rng() - 0.5);
  }
  return {
    positions,
    triangles: Uint32Array.from({ length: 3 * count }, (_, i) => i),
    materials: new Uint8Array(count),
  };
}

/** Rays from random places inside the cube to all sides. */
export function randomRays(count: number, seed: number): Float64Array[] {
  const rng = seedrandom(`rays ${seed}`);
  return Array.from({ length: count }, () =>
    Float64Array.from({ length: 6 }, (_, k) => (k < 3 ? 24 : 2) * (rng() - 0.5)),
  );
}
