/**
 * A small classifier of noisy shapes, trained with and without the Entropy Loss: does the idea carry over from detectors?
 * Run with `pnpm --filter entropy-loss example`.
 */
import { compareArms } from "./compare-arms.js";
import { type Examples, normal } from "./task.js";

/** Side of an image, in pixels. */
const SIDE = 8;

/** On a 5 × 5 grid. */
const SHAPES = {
  box: ["#####", "#...#", "#...#", "#...#", "#####"],
  plus: ["..#..", "..#..", "#####", "..#..", "..#.."],
  cross: ["#...#", ".#.#.", "..#..", ".#.#.", "#...#"],
  diamond: ["..#..", ".#.#.", "#...#", ".#.#.", "..#.."],
  corner: ["#....", "#....", "#....", "#....", "#####"],
  tee: ["#####", "..#..", "..#..", "..#..", "..#.."],
};

/** Shapes at random places with random strength, 0.4 to 1, on a ground of 0: easy to make, not easy to tell apart. */
function drawShapes(count: number, noise: number, rng: () => number): Examples {
  const inputs = new Float32Array(count * SIDE * SIDE);
  const labels = new Int32Array(count);
  const rows = Object.values(SHAPES);
  for (let n = 0; n < count; n++) {
    labels[n] = Math.floor(rng() * rows.length);
    const [top, left, strength] = [Math.floor(rng() * 4), Math.floor(rng() * 4), 0.4 + 0.6 * rng()];
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const inside = rows[labels[n]][y - top]?.[x - left] === "#";
        inputs[(n * SIDE + y) * SIDE + x] = (inside ? strength : 0) + noise * normal(rng);
      }
    }
  }
  return { inputs, labels };
}

await compareArms({
  name: "shapes",
  classes: Object.keys(SHAPES),
  shape: [SIDE, SIDE],
  kernel: [3, 3],
  noise: 0.35,
  draw: drawShapes,
});
