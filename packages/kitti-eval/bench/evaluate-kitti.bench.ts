import { seededRandom } from "test-support";
import { bench, describe } from "vitest";
import { evaluateKitti, groundOverlap } from "../src/index.js";
import { randomFrames, randomObject } from "../test/random-frames.js";

/** Frames like those of the validation split, with 50 detections each: most of them false. */
function splitOf(frameCount: number) {
  const { groundTruth, detections } = randomFrames(1, frameCount, 12);
  const rng = seededRandom(2);
  const crowded = detections.map((frame) => {
    const wrong = Array.from({ length: Math.max(0, 50 - frame.length) }, () => ({
      ...randomObject(rng),
      score: rng() / 2,
    }));
    return [...frame, ...wrong];
  });
  return { groundTruth, detections: crowded };
}

describe("evaluateKitti: all classes, metrics, levels and both overlaps, 50 detections a frame", () => {
  for (const frameCount of [100, 1000, 3769]) {
    const { groundTruth, detections } = splitOf(frameCount);
    const check = evaluateKitti(groundTruth, detections).strict.car["2d"]?.moderate.r40 ?? 0;
    if (!(check > 1 && check < 100)) throw new Error(`a benchmark of nothing: AP ${check}`);
    bench(
      `${frameCount} frames`,
      () => {
        if (evaluateKitti(groundTruth, detections).frames !== frameCount) throw new Error("wrong");
      },
      { iterations: 3, warmupIterations: 1, time: 0, warmupTime: 0 },
    );
  }
});

describe("groundOverlap: 10000 pairs", () => {
  const rng = seededRandom(3);
  const near = Array.from({ length: 10000 }, () => {
    const a = randomObject(rng);
    return [a, { ...randomObject(rng), location: Array.from(a.location, (value) => value + rng()) }] as const;
  });
  const equal = near.map(([a]) => [a, a] as const);
  for (const [name, pairs] of [
    ["crossing", near],
    ["equal", equal],
  ] as const) {
    let kept = 0;
    bench(name, () => {
      for (const [a, b] of pairs) kept += groundOverlap(a, b);
      if (!(kept > 0)) throw new Error("wrong");
    });
  }
});
