import { seededRandom } from "test-support";
import { bench, describe } from "vitest";
import { augmentScan, boxOfEachPoint, buildSampleDatabase } from "../src/index.js";
import { randomScene } from "../test/scenes.js";

// As many points as a KITTI scan has in the camera's view.
const rng = seededRandom(1);
const scene = {
  ...randomScene(1, 8),
  points: Float32Array.from(
    { length: 4 * 20000 },
    (_, i) => [70, 80, 4, 1][i % 4] * (rng() - [0, 0.5, 0.75, 0][i % 4]),
  ),
};
const database = buildSampleDatabase(
  [1, 2, 3, 4].map((seed) => randomScene(seed)),
  new Map(),
);

describe("20000 points, 8 objects", () => {
  bench("boxOfEachPoint", () => {
    boxOfEachPoint(scene.points, scene.boxes);
  });
  bench("augmentScan, everything on", () => {
    augmentScan(
      scene,
      {
        sampling: {
          database,
          counts: new Map([
            [0, 12],
            [1, 6],
            [2, 6],
          ]),
        },
        objectNoise: {},
        global: { mirror: 0.5, rotation: 0.78, scaling: [0.95, 1.05] },
        range: [0, -40, -3, 70.4, 40, 1],
      },
      rng,
    );
  });
});
