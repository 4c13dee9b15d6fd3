import { seededRandom } from "test-support";
import { bench, describe } from "vitest";
import { assignTargets, buildAnchors, builtinConfig, rotatedNms } from "../src/index.js";
import { nmsOracle } from "../test/oracle/polygons.js";

/** Boxes of a car's size over a square of `side` metres. */
function scene(count: number, side: number) {
  const rng = seededRandom(count);
  const boxes = Array.from({ length: count }, () => [
    side * rng(),
    side * (rng() - 0.5),
    -1,
    3.4 + rng(),
    1.5 + 0.3 * rng(),
    1.5,
    6.3 * rng(),
  ]);
  return { boxes, flat: Float64Array.from(boxes.flat()), scores: boxes.map(() => rng()) };
}

describe("rotatedNms, IoU above 0.01 goes, at most 500 stay", () => {
  const cases = [
    { title: "100 candidates over 70 m", ...scene(100, 70) },
    { title: "4096 candidates over 70 m (realistic: heaps)", ...scene(4096, 70) },
    { title: "4096 candidates over 2 km (worst: all stay)", ...scene(4096, 2000) },
  ];
  for (const { title, boxes, flat, scores } of cases) {
    const options = { iouThreshold: 0.01, maxBoxes: 500 };
    const some = boxes.slice(0, 100);
    const expected = nmsOracle(some, scores.slice(0, 100), 0.01);
    const actual = [...rotatedNms(flat.subarray(0, 700), scores.slice(0, 100), options)];
    if (String(actual) !== String(expected)) throw new Error(`${title}: wrong result`);
    bench(title, () => {
      rotatedNms(flat, scores, options);
    });
  }
});

describe("assignTargets", () => {
  for (const name of ["second-mini", "second-kitti"] as const) {
    const config = builtinConfig(name);
    const anchors = buildAnchors(config);
    for (const count of [0, 10, 50]) {
      const { flat } = scene(count, 35);
      const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
      const { positives } = assignTargets({ boxes: flat, labels }, anchors, config);
      if (count > 0 && positives.length === 0) throw new Error(`${name}: no positives`);
      bench(`${name}, ${anchors.labels.length} anchors, ${count} boxes`, () => {
        assignTargets({ boxes: flat, labels }, anchors, config);
      });
    }
  }
});
