import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import {
  boxesOverlap,
  boxOfEachPoint,
  buildSampleDatabase,
  cutObjects,
  type SampleObject,
  sampleGroundTruth,
} from "../src/index.js";
import { randomScene, SEEDS } from "./scenes.js";

const CAR = 0;

function car(x: number, y = 0): SampleObject {
  return {
    points: Float32Array.of(x, y, 0, 0.5, x + 1, y, 0, 0.6),
    box: Float64Array.of(x, y, 0, 4, 2, 2, 0),
    label: CAR,
  };
}

describe("sampleGroundTruth", () => {
  it("by hand: pastes what fits, leaves out what does not, clears the ground beneath", () => {
    const scan = {
      points: Float32Array.of(10, 0, 0, 0.1, 30.5, 0.5, 0, 0.2, 50, 0, 0, 0.3),
      boxes: Float64Array.of(10, 0, 0, 4, 2, 2, 0),
      labels: Int32Array.of(CAR),
    };
    const database = new Map([[CAR, [car(12), car(30)]]]); // the first overlaps the scan's own car
    const result = sampleGroundTruth(scan, { database, counts: new Map([[CAR, 3]]), rng: () => 0.4 });
    expect(result.pasted).toBe(1);
    expect([...result.labels]).toEqual([CAR, CAR]);
    expect([...result.boxes.subarray(7)]).toEqual([30, 0, 0, 4, 2, 2, 0]);
    // the point at 30.5 stood where the car stands now
    expect([...result.points]).toEqual([...scan.points.subarray(0, 4), ...scan.points.subarray(8), ...car(30).points]);
  });

  it("counts the scan's own objects, and pastes none where there are enough", () => {
    const scene = randomScene(1);
    const own = scene.labels.filter((label) => label === CAR).length;
    const database = new Map([[CAR, [car(-30), car(-40), car(-50)]]]);
    for (const [count, expected] of [
      [own, 0],
      [own + 2, 2],
      [own + 9, 3],
    ]) {
      const result = sampleGroundTruth(scene, { database, counts: new Map([[CAR, count]]), rng: seededRandom(5) });
      expect(result.pasted).toBe(expected);
      expect(result.labels).toHaveLength(scene.labels.length + expected);
    }
  });

  it.each(SEEDS)(
    "no two boxes overlap, every pasted point lies in its box, none of the scan's does, seed %i",
    (seed) => {
      const scene = randomScene(seed);
      const others = [11, 12, 13, 14].map((other) => randomScene(seed * 100 + other));
      const database = buildSampleDatabase(others, new Map());
      const counts = new Map([0, 1, 2].map((label) => [label, 6]));
      const before = { points: scene.points.slice(), boxes: scene.boxes.slice() };
      const result = sampleGroundTruth(scene, { database, counts, rng: seededRandom(seed) });
      expect(result.pasted).toBeGreaterThan(0);
      for (let a = scene.labels.length; a < result.labels.length; a++)
        for (let b = 0; b < a; b++) expect(boxesOverlap(result.boxes, result.boxes, { rowA: a, rowB: b })).toBe(false);
      const pastedPoints = database.get(0)!.length > 0 ? countPasted(result.boxes, scene.labels.length, others) : 0;
      const owners = boxOfEachPoint(result.points, result.boxes.slice(7 * scene.labels.length));
      expect(owners.filter((owner) => owner >= 0)).toHaveLength(pastedPoints);
      expect(owners.subarray(owners.length - pastedPoints).every((owner) => owner >= 0)).toBe(true);
      expect(scene.points).toEqual(before.points);
      expect(scene.boxes).toEqual(before.boxes);
      const again = sampleGroundTruth(scene, { database, counts, rng: seededRandom(seed) });
      expect(again).toEqual(result);
    },
  );

  it("leaves an empty database and an empty scan alone", () => {
    const empty = { points: new Float32Array(0), boxes: new Float64Array(0), labels: new Int32Array(0) };
    const options = { database: new Map(), counts: new Map([[CAR, 5]]), rng: seededRandom(1) };
    expect(sampleGroundTruth(empty, options)).toEqual({ ...empty, pasted: 0 });
  });

  it("says what does not fit", () => {
    const scene = randomScene(1);
    const options = { database: new Map([[1, [car(-30)]]]), counts: new Map([[1, 99]]), rng: seededRandom(1) };
    expect(() => sampleGroundTruth(scene, options)).toThrow("expected objects of label 1");
    expect(() => sampleGroundTruth({ ...scene, labels: new Int32Array(2) }, options)).toThrow("[2, 7] for boxes");
    expect(() => sampleGroundTruth({ ...scene, points: new Float32Array(5) }, options)).toThrow("[n, 4] for points");
  });
});

describe("cutObjects", () => {
  it("by hand: a point inside two boxes is in both objects, faces included", () => {
    const scan = {
      points: Float32Array.of(0, 0, 0, 0.1, 2, 0, 0, 0.2, 4, 0, 0, 0.3, 9, 0, 0, 0.4),
      boxes: Float64Array.of(0, 0, 0, 4, 2, 2, 0, 3, 0, 0, 4, 2, 2, 0),
      labels: Int32Array.of(1, 2),
    };
    const intensities = cutObjects(scan).map(({ points }) => Array.from(points.filter((_, i) => i % 4 === 3)));
    expect(intensities).toEqual([[0.1, 0.2].map(Math.fround), [0.2, 0.3].map(Math.fround)]);
    expect(cutObjects(scan).map(({ label }) => label)).toEqual([1, 2]);
  });
});

describe("buildSampleDatabase", () => {
  it("keeps objects with enough points, by label", () => {
    const scene = randomScene(3);
    const all = cutObjects(scene);
    expect(all.map(({ points }) => points.length / 4).every((count) => count >= 20)).toBe(true);
    const database = buildSampleDatabase([scene, scene], new Map([[0, 1e6]]));
    expect(database.has(0)).toBe(false);
    for (const label of [1, 2]) {
      expect(database.get(label) ?? []).toHaveLength(2 * scene.labels.filter((each) => each === label).length);
    }
  });
});

/** Points that the pasted boxes had where they came from. */
function countPasted(boxes: Float64Array, own: number, others: readonly ReturnType<typeof randomScene>[]): number {
  const objects = others.flatMap((scene) => cutObjects(scene));
  let sum = 0;
  for (let row = own; row * 7 < boxes.length; row++) {
    const box = boxes.slice(7 * row, 7 * row + 7).join();
    sum += objects.find((object) => object.box.join() === box)!.points.length / 4;
  }
  return sum;
}
