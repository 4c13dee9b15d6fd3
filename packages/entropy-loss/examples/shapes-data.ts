/** Side of an image, in pixels. */
export const SIDE = 8;

/** The shapes, drawn on a 5 × 5 grid. */
export const SHAPES: readonly (readonly string[])[] = [
  ["#####", "#...#", "#...#", "#...#", "#####"],
  ["..#..", "..#..", "#####", "..#..", "..#.."],
  ["#...#", ".#.#.", "..#..", ".#.#.", "#...#"],
  ["..#..", ".#.#.", "#...#", ".#.#.", "..#.."],
  ["#....", "#....", "#....", "#....", "#####"],
  ["#####", "..#..", "..#..", "..#..", "..#.."],
];

/** Images and the index of the shape on each. */
export interface ShapeImages {
  /** [n, SIDE, SIDE, 1], around 0 for the ground and 0.4..1 for the shape, plus noise */
  readonly images: Float32Array;
  /** [n] */
  readonly labels: Int32Array;
}

/**
 * Shapes at random places with random strength under normal noise: easy to make, not easy to tell apart.
 * @param noise standard deviation of the noise
 */
export function drawShapes(count: number, noise: number, rng: () => number): ShapeImages {
  const images = new Float32Array(count * SIDE * SIDE);
  const labels = new Int32Array(count);
  for (let n = 0; n < count; n++) {
    labels[n] = Math.floor(rng() * SHAPES.length);
    const [top, left, strength] = [Math.floor(rng() * 4), Math.floor(rng() * 4), 0.4 + 0.6 * rng()];
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const inside = SHAPES[labels[n]][y - top]?.[x - left] === "#";
        images[(n * SIDE + y) * SIDE + x] = (inside ? strength : 0) + noise * normal(rng);
      }
    }
  }
  return { images, labels };
}

/** Box–Muller. */
function normal(rng: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng());
}
