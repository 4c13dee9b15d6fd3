import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { augmentScan, boxOfEachPoint, buildSampleDatabase, filterRange, shufflePoints } from "../src/index.js";
import { randomScene, SEEDS } from "./scenes.js";

const RANGE = [0, -20, -3, 40, 20, 1] as const;

describe("filterRange", () => {
  it("by hand: lower bounds inside, upper outside, boxes by the ground alone", () => {
    const scan = {
      points: Float32Array.of(0, -20, -3, 0.1, 40, 0, 0, 0.2, 5, 0, 1, 0.3, 5, 5, 0, 0.4),
      boxes: Float64Array.of(0, -20, 9, 1, 1, 1, 0, 40, 0, 0, 1, 1, 1, 0, 20, 0, 0, 1, 1, 1, 0),
      labels: Int32Array.of(0, 1, 2),
    };
    const { points, boxes, labels } = filterRange(scan, RANGE);
    expect([...points]).toEqual([...scan.points.subarray(0, 4), ...scan.points.subarray(12)]);
    expect([...labels]).toEqual([0, 2]);
    expect([boxes[0], boxes[7]]).toEqual([0, 20]);
  });

  it("drops what is not finite", () => {
    const scan = {
      points: Float32Array.of(Number.NaN, 0, 0, 0),
      boxes: Float64Array.of(Number.NaN, 0, 0, 1, 1, 1, 0),
      labels: Int32Array.of(0),
    };
    expect(filterRange(scan, RANGE)).toEqual({
      points: new Float32Array(0),
      boxes: new Float64Array(0),
      labels: new Int32Array(0),
    });
  });

  it("drops what is not finite in numbers that the range does not look at, and behind a range without end", () => {
    const box = [5, 0, 0, 1, 1, 1, 0];
    const faulty = [2, 3, 4, 5, 6].flatMap((at) => box.map((value, i) => (i === at ? Number.NaN : value)));
    const scan = {
      points: Float32Array.of(5, 0, 0, Number.NaN, Number.NEGATIVE_INFINITY, 0, 0, 0.5, 5, 0, 0, 0.5),
      boxes: Float64Array.of(...faulty, ...box),
      labels: Int32Array.of(0, 0, 0, 0, 0, 1),
    };
    const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    expect(filterRange(scan, [low, low, low, high, high, high])).toEqual({
      points: Float32Array.of(5, 0, 0, 0.5),
      boxes: Float64Array.from(box),
      labels: Int32Array.of(1),
    });
  });
});

describe("shufflePoints", () => {
  it("is a permutation of whole points, another for another seed", () => {
    const { points } = randomScene(2);
    const rows = (array: Float32Array) =>
      Array.from({ length: array.length / 4 }, (_, i) => array.subarray(4 * i, 4 * i + 4).join());
    const shuffled = shufflePoints(points, seededRandom(1));
    expect(rows(shuffled).sort()).toEqual(rows(points).sort());
    expect(rows(shuffled)).not.toEqual(rows(points));
    expect(shufflePoints(points, seededRandom(2))).not.toEqual(shuffled);
    expect(shufflePoints(new Float32Array(0), seededRandom(1))).toHaveLength(0);
  });

  it("refuses points of three numbers, which it would tear apart", () => {
    expect(() => shufflePoints(new Float32Array(9), seededRandom(1))).toThrow(
      "shufflePoints: expected [n, 4] for points, got 9 numbers",
    );
  });

  it("every order of three points comes up as often", () => {
    const rng = seededRandom(7);
    const seen = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = shufflePoints(Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0), rng);
      const key = `${order[0]}${order[4]}${order[8]}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(1000));
  });
});

describe("augmentScan", () => {
  const database = buildSampleDatabase([randomScene(50), randomScene(51)], new Map());
  const chain = {
    sampling: { database, counts: new Map([[0, 5]]) },
    objectNoise: {},
    global: { mirror: 0.5, rotation: 0.78, scaling: [0.95, 1.05], translation: 0.2 },
    range: RANGE,
  } as const;

  it.each(SEEDS)("keeps to the range, leaves its argument alone, and gives the same bits again, seed %i", (seed) => {
    const scene = randomScene(seed);
    const copy = structuredClone(scene);
    const result = augmentScan(scene, chain, seededRandom(seed));
    expect(scene).toEqual(copy);
    expect(augmentScan(scene, chain, seededRandom(seed))).toEqual(result);
    expect(augmentScan(scene, chain, seededRandom(seed + 1)).points).not.toEqual(result.points);
    for (let p = 0; p < result.points.length; p += 4) {
      expect(result.points[p]).toBeGreaterThanOrEqual(0);
      expect(result.points[p]).toBeLessThan(40);
    }
    const owners = boxOfEachPoint(result.points, result.boxes);
    expect(owners.some((owner) => owner >= 0)).toBe(true);
    expect(result.boxes).toHaveLength(7 * result.labels.length);
  });

  it("with nothing asked for it only filters and shuffles", () => {
    const scene = randomScene(4);
    const { points, boxes, labels, transform } = augmentScan(scene, { range: RANGE }, seededRandom(1));
    const filtered = filterRange(scene, RANGE);
    expect([...points].sort()).toEqual([...filtered.points].sort());
    expect({ boxes, labels }).toEqual({ boxes: filtered.boxes, labels: filtered.labels });
    expect(transform.mirrored).toBe(false);
  });
});
