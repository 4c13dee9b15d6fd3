import "@tensorflow/tfjs-backend-cpu";
import { seededRandom } from "test-support";
import { describe, expect, test } from "vitest";
import { attributeByRemoval, boxIou, detectionSimilarity, rotatedIou, type ScoredBoxes } from "../src/index.js";

const box = (x: number, y: number, z: number, ...[dx = 4, dy = 2, dz = 1.5, yaw = 0]: number[]) =>
  [x, y, z, dx, dy, dz, yaw] as const;

function found(...list: { box: readonly number[]; score: number; label?: number }[]): ScoredBoxes {
  return {
    boxes: Float32Array.from(list.flatMap((each) => [...each.box])),
    scores: Float32Array.from(list, ({ score }) => score),
    labels: Int32Array.from(list, ({ label = 0 }) => label),
  };
}

describe("boxIou", () => {
  test("by hand", () => {
    expect(boxIou(box(0, 0, 0), box(0, 0, 0))).toBeCloseTo(1, 12);
    expect(boxIou(box(0, 0, 0), box(0, 0, 0.75))).toBeCloseTo(1 / 3, 12); // half of each in height
    expect(boxIou(box(0, 0, 0), box(2, 1, 0.75))).toBeCloseTo(0.125 / 1.875, 12); // half along each axis
    expect(boxIou(box(0, 0, 0), box(0, 0, 1.5))).toBe(0); // one stands on the other
    expect(boxIou(box(0, 0, 0), box(0, 0, 0, 4, 2, 1.5, Math.PI / 2))).toBeCloseTo(4 / 12, 12);
    expect(boxIou(box(0, 0, 0), box(0, 0, 0, 4, 2, 0))).toBe(0);
    expect(boxIou([...box(0, 0, 0), ...box(9, 0, 0)], box(9, 0, 0), { rowA: 1 })).toBeCloseTo(1, 12);
  });

  test("is symmetric, 0 to 1, and that of the ground where heights agree", () => {
    const rng = seededRandom(1);
    for (let i = 0; i < 200; i++) {
      const any = () => box(4 * rng(), 4 * rng(), 2 * rng(), 1 + 3 * rng(), 1 + rng(), 1 + rng(), 6 * rng());
      const [a, b] = [any(), any()];
      const iou = boxIou(a, b);
      expect(iou).toBeGreaterThanOrEqual(0);
      expect(iou).toBeLessThanOrEqual(1);
      expect(boxIou(b, a)).toBeCloseTo(iou, 9);
      const level = [...b.slice(0, 2), a[2], ...b.slice(3, 5), a[5], b[6]];
      expect(boxIou(a, level)).toBeCloseTo(rotatedIou(a, level), 9);
    }
  });
});

describe("detectionSimilarity", () => {
  const car = { box: box(10, 0, 0), score: 0.8 };

  test("is overlap times score, at most its own, of the best box of the class", () => {
    expect([...detectionSimilarity(found(car), found(car))][0]).toBeCloseTo(1, 6);
    expect(detectionSimilarity(found(car), found({ ...car, score: 0.4 }))[0]).toBeCloseTo(0.5, 6);
    expect(detectionSimilarity(found(car), found({ ...car, score: 0.99 }))[0]).toBeCloseTo(1, 6);
    expect(detectionSimilarity(found(car), found({ ...car, label: 1 }))[0]).toBe(0);
    expect(detectionSimilarity(found(car), found())[0]).toBe(0);
    const shifted = { box: box(10, 0, 0.75), score: 0.8 };
    expect(detectionSimilarity(found(car), found(shifted, { ...car, score: 0.2 }))[0]).toBeCloseTo(1 / 3, 6);
    expect([...detectionSimilarity(found(car, { ...car, box: box(20, 0, 0) }), found(car))].map(Math.round)).toEqual([
      1, 0,
    ]);
  });

  test("refuses lists that disagree", () => {
    expect(() => detectionSimilarity(found(car), { ...found(car), labels: new Int32Array(2) })).toThrow(
      "detectionSimilarity: expected 1 boxes [n, 7] and labels for found, as many as scores, got 7 numbers and 2 labels",
    );
  });
});

/** `count` points on a square lattice ahead of the sensor, too far apart to share a cell. */
function apart(count: number, spacing = 1): Float32Array {
  const side = Math.ceil(Math.sqrt(count));
  const points = new Float32Array(4 * count);
  for (let i = 0; i < count; i++) {
    points.set([3 + spacing * Math.floor(i / side), spacing * ((i % side) - side / 2), -1, i / count], 4 * i);
  }
  return points;
}

/** The numbers of the points of {@link apart}, which are in their intensities. */
const numbersOf = (kept: Float32Array, count: number) =>
  Array.from({ length: kept.length / 4 }, (_, i) => Math.round(count * kept[4 * i + 3]));

describe("attributeByRemoval", () => {
  test("keeps far points more often than near ones, and points of one place together", async () => {
    const near = [5, 0, -1, 0];
    const far = [60, 0, -1, 0];
    const points = Float32Array.of(...near, ...near, ...far);
    const kept = { near: 0, far: 0, halves: 0 };
    const draws = 4000;
    await attributeByRemoval(
      points,
      (left) => {
        const at = (x: number) => [0, 4, 8].filter((i) => left[i] === x).length;
        kept.near += at(5) / 2;
        kept.halves += at(5) % 2;
        kept.far += at(60);
        return [0];
      },
      { draws, rng: seededRandom(2), keep: { near: 0.1, far: 0.6, reach: 50 } },
    );
    expect(kept.halves).toBe(0);
    const deviation = (share: number) => Math.sqrt((share * (1 - share)) / draws);
    expect(Math.abs(kept.near / draws - 0.15)).toBeLessThan(4 * deviation(0.15)); // a tenth of the way to 50 m
    expect(Math.abs(kept.far / draws - 0.6)).toBeLessThan(4 * deviation(0.6));
  });

  test("finds the weights of a sum, and its standard error is one", async () => {
    const count = 400;
    const points = apart(count);
    const rng = seededRandom(3);
    // Most points have no part in it: what they are worth must be 0 within the error.
    const weights = Float64Array.from({ length: count }, (_, i) => (i < 8 ? 0.02 + 0.2 * rng() : 0));
    const { attribution, standardError, mean, draws } = await attributeByRemoval(
      points,
      (kept) => [numbersOf(kept, count).reduce((sum, i) => sum + weights[i], 0), 0.25],
      { draws: 2000, rng: seededRandom(4), keep: { near: 0.4, far: 0.6, reach: 20 } },
    );
    expect(draws).toBe(2000);
    expect(mean[1]).toBe(0.25);
    const scores = Array.from({ length: count }, (_, i) => (attribution[i] - weights[i]) / standardError[i]);
    expect(Math.max(...scores.map(Math.abs))).toBeLessThan(4.5);
    const square = (list: readonly number[]) => list.reduce((sum, z) => sum + z * z, 0) / list.length;
    expect(square(scores.slice(0, 8))).toBeLessThan(3);
    expect(Math.abs(square(scores.slice(8)) - 1)).toBeLessThan(0.25); // √(2/392) is 0.07
    // An output that never changes hangs on nothing.
    expect(attribution.subarray(count).every((value) => Math.abs(value) < 1e-6)).toBe(true);
  });

  test("names the corner that a detector looks at, and no other point", async () => {
    const count = 600;
    const points = apart(count, 0.5);
    const corner = new Set(
      Array.from({ length: count }, (_, i) => i).filter((i) => points[4 * i] > 13.4 && points[4 * i + 1] > 4.4),
    );
    expect(corner.size).toBeGreaterThan(5);
    expect(corner.size).toBeLessThan(20);
    const car = found({ box: box(12, 3, 0), score: 0.9 }, { box: box(4, -4, 0), score: 0.9 });
    // The first box is there by as much of the corner as is left, the second always.
    const detect = (kept: Float32Array) => {
      const left = numbersOf(kept, count).filter((i) => corner.has(i)).length;
      return found({ box: box(12, 3, 0), score: (0.9 * left) / corner.size }, { box: box(4, -4, 0), score: 0.9 });
    };
    const { attribution, standardError } = await attributeByRemoval(
      points,
      (kept) => detectionSimilarity(car, detect(kept)),
      {
        draws: 1500,
        rng: seededRandom(5),
        cell: 0.2, // so that no two points share one
      },
    );
    const ranked = Array.from({ length: count }, (_, i) => i).sort((a, b) => attribution[b] - attribution[a]);
    expect(new Set(ranked.slice(0, corner.size))).toEqual(corner);
    for (let i = 0; i < count; i++) {
      const expected = corner.has(i) ? 1 / corner.size : 0;
      expect(Math.abs(attribution[i] - expected) / standardError[i]).toBeLessThan(4.5);
      expect(attribution[count + i]).toBeCloseTo(0, 6);
    }
  });

  test("is the same for the same numbers, and ends when it is told to", async () => {
    const points = apart(50);
    const run = (seed: number, draws: number, last = draws) =>
      attributeByRemoval(points, (kept) => [kept.length], { draws, rng: seededRandom(seed), onDraw: (n) => n < last });
    const [first, again, other, shorter, ended] = [
      await run(6, 40),
      await run(6, 40),
      await run(7, 40),
      await run(6, 25),
      await run(6, 40, 25),
    ];
    expect(again).toEqual(first);
    expect(other.attribution).not.toEqual(first.attribution);
    expect(ended).toEqual(shorter);
    expect(ended.draws).toBe(25);
  });

  test("goes on where the draws are only looked at, by a function that returns nothing", async () => {
    const seen: number[] = [];
    const onDraw = ((draws: number) => void seen.push(draws)) as unknown as () => boolean;
    const { draws } = await attributeByRemoval(apart(5), () => [1], { draws: 4, rng: seededRandom(6), onDraw });
    expect([seen, draws]).toEqual([[1, 2, 3, 4], 4]);
  });

  test("says nothing of a point that never stayed, or never went", async () => {
    const { attribution, standardError } = await attributeByRemoval(apart(30), (kept) => [kept.length], {
      draws: 2,
      rng: seededRandom(8),
    });
    expect(attribution.every((value) => value === 0)).toBe(true);
    expect(standardError.every((value) => value === Number.POSITIVE_INFINITY)).toBe(true);
    const empty = await attributeByRemoval(new Float32Array(0), () => [1], { draws: 3, rng: seededRandom(8) });
    expect(empty).toMatchObject({ draws: 3, mean: Float64Array.of(1), attribution: new Float32Array(0) });
  });

  test("refuses what it cannot use", async () => {
    const points = apart(4);
    const rng = seededRandom(9);
    const refused = (change: object, measure: () => number[] = () => [0]) =>
      attributeByRemoval(points, measure, { draws: 5, rng, ...change });
    await expect(refused({ draws: 1 })).rejects.toThrow("expected a whole number of 2 or more for draws, got 1");
    await expect(refused({ cell: 0 })).rejects.toThrow("expected a positive number for cell, got 0");
    await expect(refused({ keep: { near: 0, far: 0.5, reach: 9 } })).rejects.toThrow(
      "expected a number between 0 and 1 for keep.near, got 0",
    );
    await expect(attributeByRemoval(points.subarray(1), () => [0], { draws: 5, rng })).rejects.toThrow(
      "expected [n, 4] numbers for points, got 15",
    );
    await expect(refused({}, () => [Number.NaN])).rejects.toThrow("expected finite outputs, got NaN for output 0");
    let calls = 0;
    await expect(refused({}, () => Array(++calls).fill(0))).rejects.toThrow("expected 1 outputs of every draw, got 2");
  });
});
