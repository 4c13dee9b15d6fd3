import { readFileSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import {
  type DetectionFrame,
  type DetectionOptions,
  evaluateDetections,
  evaluateKitti,
  renderTables,
  usualOverlap,
} from "../src/index.js";
import { kittiObject, randomDetectionFrames } from "./detection-frames.js";
import { naiveCentrePrecision } from "./oracle/naive-centre-precision.js";

const CLASSES = [
  { name: "Car", overlap: 0.7 },
  { name: "Bus", overlap: 0.5 },
  { name: "Bike", overlap: 0.5 },
];
/** As `fixtures/nuscenes/make.py` writes them. */
interface GoldenCase {
  readonly seed: number;
  readonly frames: readonly {
    readonly objects: readonly (readonly [string, number, number])[];
    readonly detections: readonly (readonly [string, number, number, number])[];
  }[];
  readonly expected: Readonly<Record<string, Readonly<Record<string, number>>>>;
}
const SEEDS = [1, 2, 3];
const MATCHES = ["overlap", "centre"] as const;

/** A car of 4 x 2 x 1.5 m on the ground. */
const car = (x: number, y = 0, yaw = 0) => Float64Array.of(x, y, 0, 4, 2, 1.5, yaw);
const object = (box: Float64Array, points?: number, type = "Car") => ({ type, box, points });
const found = (box: Float64Array, score: number, type = "Car") => ({ type, box, score });
const frame = (objects: DetectionFrame["objects"], detections: DetectionFrame["detections"]): DetectionFrame => ({
  id: "0",
  objects,
  detections,
});
const cars = (frames: DetectionFrame[], options: Partial<DetectionOptions> = {}) =>
  evaluateDetections(frames, { classes: [{ name: "Car", overlap: 0.7 }], ...options });

describe("evaluateDetections beside evaluateKitti", () => {
  it.each(SEEDS)("has its average precisions where nothing is ignored (seed %i)", (seed) => {
    const frames = randomDetectionFrames(seed, 60);
    const result = evaluateDetections(frames, { classes: CLASSES });
    result.classes.forEach(({ name, overlap, all }) => {
      // each class in turn as KITTI's class of the same limit
      const as = overlap === 0.7 ? "Car" : "Pedestrian";
      const only = <T extends { type: string; box: ArrayLike<number> }>(boxes: readonly T[]) =>
        boxes.filter(({ type }) => type === name).map((of) => kittiObject(of, as));
      const official = evaluateKitti(
        frames.map(({ objects }) => only(objects)),
        frames.map(({ detections }) => only(detections)),
      ).strict[overlap === 0.7 ? "car" : "pedestrian"];
      expect(all.ap.bev).toBeGreaterThan(5);
      expect(all.ap.bev).toBeCloseTo(official.bev!.moderate.r40, 9);
      expect(all.ap["3d"]).toBeCloseTo(official["3d"]!.moderate.r40, 9);
    });
  });
});

describe("evaluateDetections beside NumPy", () => {
  const cases: GoldenCase[] = JSON.parse(
    readFileSync(join(import.meta.dirname, "fixtures", "nuscenes", "centre-ap.json"), "utf8"),
  );
  it.each(cases)("nuScenes' average precision, scenes $seed", ({ frames: scenes, expected }) => {
    const at = (x: number, y: number) => Float64Array.of(x, y, 0, 1, 1, 1, 0);
    const frames = scenes.map(({ objects, detections }, i) => ({
      id: String(i),
      objects: objects.map(([type, x, y]) => ({ type, box: at(x, y), points: 1 })),
      detections: detections.map(([type, x, y, score]) => ({ type, box: at(x, y), score })),
    }));
    const classes = Object.keys(expected).map((name) => ({ name, overlap: 0.5 }));
    for (const { name, all } of evaluateDetections(frames, { classes, match: "centre" }).classes) {
      for (const [limit, wanted] of Object.entries(expected[name])) {
        expect(all.ap[limit], `${name} ${limit}`).toBeCloseTo(wanted, 9);
      }
    }
  });
});

describe("evaluateDetections beside the definition of nuScenes", () => {
  it.each(SEEDS)("has the average precision of a direct transcription (seed %i)", (seed) => {
    const frames = randomDetectionFrames(seed, 60);
    const result = evaluateDetections(frames, { classes: CLASSES, match: "centre" });
    for (const { name, all } of result.classes) {
      const expected = [0.5, 1, 2, 4].map((limit) => naiveCentrePrecision(frames, name, limit));
      expect(Object.keys(all.ap)).toEqual(["0.5 m", "1 m", "2 m", "4 m", "mean"]);
      expect(expected[3]).toBeGreaterThan(20);
      [0.5, 1, 2, 4].forEach((limit, i) => {
        expect(all.ap[`${limit} m`]).toBeCloseTo(expected[i], 9);
      });
      expect(all.ap.mean).toBeCloseTo(expected.reduce((sum, value) => sum + value) / 4, 9);
    }
  });

  it("by hand: two objects, a hit, a false one, a hit", () => {
    // precision 1, 1/2, 2/3 at recall 1/2, 1/2, 1. Up to 0.49 it is 1 (before the first point), at 0.50 it is 1/2, then
    // it rises in a line to 2/3 at 1: 39 points of 1, one of 1/2, 50 on the line, each less 0.1
    const frames = [
      frame([object(car(10)), object(car(30))], [found(car(10), 0.9), found(car(50), 0.8), found(car(30.3), 0.7)]),
    ];
    let sum = 39 * 0.9 + 0.4;
    for (let i = 51; i <= 100; i++) sum += 0.5 + (i - 50) / 300 - 0.1;
    expect(cars(frames, { match: "centre" }).classes[0].all.ap["0.5 m"]).toBeCloseTo((100 * sum) / 90 / 0.9, 9);
    // an offset of 0.5 m is no match at 0.5 m
    const edge = [frame([object(car(10))], [found(car(10.5), 0.9)])];
    expect(cars(edge, { match: "centre" }).classes[0].all.ap).toMatchObject({ "0.5 m": 0, "1 m": 100 });
  });
});

describe("evaluateDetections by hand", () => {
  it("counts, recall, precision and false ones from the score", () => {
    const frames = [
      frame(
        [object(car(10)), object(car(30)), object(car(50)), object(car(70))],
        [found(car(10), 0.9), found(car(30), 0.2), found(car(50), 0.3), found(car(10, 8), 0.8), found(car(20, 8), 0.1)],
      ),
      frame([], []),
    ];
    for (const match of MATCHES) {
      expect(cars(frames, { match })).toMatchObject({
        frames: 2,
        classes: [
          {
            objects: 4,
            detections: 5,
            largestRecall: 3 / 4,
            recall: 2 / 4,
            precision: 2 / 3,
            falsePositivesPerFrame: 1 / 2,
          },
        ],
      });
    }
  });

  it("ignores objects without points: neither missed nor found", () => {
    const objects = [object(car(10), 5), object(car(30), 0)];
    for (const match of MATCHES) {
      for (const detections of [[found(car(10), 0.9), found(car(30), 0.8)], [found(car(10), 0.9)]]) {
        const [result] = cars([frame(objects, detections)], { match }).classes;
        expect(result).toMatchObject({ objects: 1, ignoredObjects: 1, recall: 1, precision: 1, largestRecall: 1 });
        expect(result.falsePositivesPerFrame).toBe(0);
      }
    }
  });

  it("puts a false detection into the band of its own distance, a match into that of its object", () => {
    // 41 objects in each of two bands, so that a perfect curve is full; the one near the border is found 0.2 m too far
    const near = Array.from({ length: 40 }, (_, i) => frame([object(car(10))], [found(car(10), 0.5 + i / 100)]));
    const far = Array.from({ length: 41 }, (_, i) => frame([object(car(30))], [found(car(30), 0.5 + i / 100)]));
    const border = frame([object(car(19.9))], [found(car(20.1), 0.99)]);
    const wrong = frame([], [found(car(25), 1)]);
    for (const match of MATCHES) {
      const [{ all, byDistance }] = cars([...near, ...far, border, wrong], { match }).classes;
      const name = match === "overlap" ? "3d" : "mean";
      expect(byDistance.map(({ objects }) => objects)).toEqual([41, 41, 0]);
      expect(byDistance[0].ap[name]).toBeCloseTo(100, 9);
      expect(byDistance[1].ap[name]).toBeLessThan(99);
      expect(byDistance[1].ap[name]).toBeLessThan(all.ap[name]!);
      expect(byDistance[2]).toMatchObject({ from: 40, to: null, ceiling: null, ap: { [name]: null } });
    }
  });

  it("bands of points: matches elsewhere are ignored, a false detection counts in every band", () => {
    const counts = [1, 10, 11, 50, 51, 4000];
    const scene = (points: number, i: number) => frame([object(car(10), points)], [found(car(10), 0.5 + i / 1000)]);
    const frames = Array.from({ length: 41 * 6 }, (_, i) => scene(counts[i % 6], i));
    const precisions = (all: DetectionFrame[]) => cars(all).classes[0].byPoints.map(({ ap }) => ap["3d"]!);
    expect(cars(frames).classes[0].byPoints.map(({ objects }) => objects)).toEqual([82, 82, 82]);
    for (const value of precisions(frames)) expect(value).toBeCloseTo(100, 9);
    for (const value of precisions([...frames, frame([], [found(car(30), 1)])])) expect(value).toBeLessThan(99);
    // an object whose points are not known is in no band
    expect(cars([frame([object(car(10))], [])]).classes[0]).toMatchObject({
      objects: 1,
      byPoints: Array(3).fill({ objects: 0 }),
    });
  });

  it("errors of matched boxes, headings modulo a half turn, flips beside", () => {
    const frames = [
      frame(
        [object(car(10)), object(car(30, 0, Math.PI - 0.05))],
        [
          found(Float64Array.of(10.03, 0.04, 0.1, 4.2, 1.9, 1.6, 0.1), 0.9),
          found(Float64Array.of(30, 0, 0, 4, 2, 1.5, 0.05), 0.8),
        ],
      ),
    ];
    for (const match of MATCHES) {
      const { errors } = cars(frames, { match, classes: [{ name: "Car", overlap: 0.5 }] }).classes[0];
      expect(errors?.centre).toBeCloseTo(0.025, 12);
      expect(errors?.z).toBeCloseTo(0.05, 12);
      expect(errors?.length).toBeCloseTo(0.1, 12);
      expect(errors?.width).toBeCloseTo(0.05, 12);
      expect(errors?.height).toBeCloseTo(0.05, 12);
      // 0.1 rad and, the other way round, 0.1 rad
      expect(errors?.heading).toBeCloseTo((0.1 * 180) / Math.PI, 12);
      expect(errors?.flipped).toBe(1 / 2);
    }
  });

  it("confusion: on an object of another class and none of its own", () => {
    const result = evaluateDetections(
      [
        frame(
          [object(car(10), 5, "Van"), object(car(30), 5), object(car(33), 5, "Van"), object(car(60), 0, "Bus")],
          [
            found(car(10), 0.9),
            found(car(10.5), 0.3),
            found(car(10.5), 0.29), // below the score
            found(car(31), 0.9), // also on a car
            found(car(60), 0.9), // what has no points was not seen
            found(car(30), 0.9, "Bike"),
          ],
        ),
      ],
      { classes: CLASSES },
    );
    expect(result.confusion).toEqual([
      { detected: "Car", object: "Van", count: 2 },
      { detected: "Bike", object: "Car", count: 1 },
    ]);
  });

  it("has nothing to say of nothing", () => {
    for (const match of MATCHES) {
      expect(cars([], { match }).classes[0]).toMatchObject({
        objects: 0,
        recall: null,
        precision: null,
        falsePositivesPerFrame: null,
        errors: null,
      });
      expect(
        Object.values(cars([frame([object(car(10))], [])], { match }).classes[0].all.ap).every((ap) => ap === 0),
      ).toBe(true);
    }
  });
});

describe("laws of evaluateDetections", () => {
  it.each(MATCHES)("a perfect detector has 100 where 41 objects are, else its ceiling (%s)", (match) => {
    const frames = SEEDS.flatMap((seed) => randomDetectionFrames(seed, 60)).map(({ id, objects }) => ({
      id,
      objects,
      detections: objects.map(({ type, box }) => ({ type, box, score: 0.9 })),
    }));
    const result = evaluateDetections(frames, { classes: CLASSES, match });
    expect(result.confusion.every(({ detected, object }) => detected !== object)).toBe(true);
    for (const { all, byDistance, byPoints, errors, recall } of result.classes) {
      expect(recall).toBe(1);
      expect(errors).toEqual({ centre: 0, z: 0, length: 0, width: 0, height: 0, heading: 0, flipped: 0 });
      for (const { objects, ap, ceiling } of [all, ...byDistance, ...byPoints]) {
        if (objects > 40) expect(ceiling).toBeCloseTo(100, 9);
        for (const value of Object.values(ap)) expect(value).toBeCloseTo(ceiling!, 9);
      }
    }
    const few = evaluateDetections(frames.slice(0, 12), { classes: CLASSES, match });
    for (const { all } of few.classes) {
      for (const value of Object.values(all.ap)) expect(value).toBeCloseTo(all.ceiling!, 9);
      if (match === "overlap") expect(all.ceiling).toBeLessThan(99);
    }
  });

  it.each(MATCHES)("the order of frames does not matter (%s)", (match) => {
    for (const seed of SEEDS) {
      const frames = randomDetectionFrames(seed, 40);
      const rng = seededRandom(seed + 50);
      const keyed = frames.map((of) => [rng(), of] as const).sort((a, b) => a[0] - b[0]);
      const [before, after] = [frames, keyed.map(([, of]) => of)].map((of) =>
        evaluateDetections(of, { classes: CLASSES, match }),
      );
      expect(after.confusion).toEqual(before.confusion);
      after.classes.forEach(({ errors, ...rest }, i) => {
        const { errors: old, ...others } = before.classes[i];
        expect(rest).toEqual(others);
        for (const [name, value] of Object.entries(errors!)) {
          expect(value).toBeCloseTo(old![name as keyof typeof old], 10); // a sum in another order
        }
      });
    }
  });

  it.each(MATCHES)("an increasing change of the scores changes no average precision (%s)", (match) => {
    for (const seed of SEEDS) {
      const frames = randomDetectionFrames(seed, 40);
      const warped = frames.map((of) => ({
        ...of,
        detections: of.detections.map((detection) => ({ ...detection, score: 30 * detection.score - 7 })),
      }));
      const [before, after] = [frames, warped].map((of) => evaluateDetections(of, { classes: CLASSES, match }).classes);
      after.forEach((of, i) => {
        expect(of.all).toEqual(before[i].all);
        expect(of.byDistance).toEqual(before[i].byDistance);
        expect(of.byPoints).toEqual(before[i].byPoints);
        expect(of.largestRecall).toBe(before[i].largestRecall);
      });
    }
  });

  it("takes a generator, and JSON keeps the result", () => {
    const frames = randomDetectionFrames(9, 20);
    const result = evaluateDetections(frames.values(), { classes: CLASSES });
    expect(result).toEqual(evaluateDetections(frames, { classes: CLASSES }));
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });
});

describe("what evaluateDetections refuses", () => {
  const good = frame([object(car(10), 3)], [found(car(10), 0.9)]);
  it.each([
    [{ ...good, objects: [{ type: "Car", box: car(10).subarray(1) }] }, "7 numbers for frame 0, objects[0].box, got 6"],
    [{ ...good, objects: [object(car(Number.NaN))] }, "a finite number for frame 0, objects[0].box[0], got NaN"],
    [{ ...good, objects: [object(car(1), -1)] }, "a number of points for frame 0, objects[0].points, got -1"],
    [{ ...good, detections: [found(car(1), Number.NaN)] }, "a finite number for frame 0, detections[0].score, got NaN"],
  ])("frames %#", (bad, message) => {
    expect(() => cars([bad])).toThrow(`evaluateDetections: expected ${message}`);
  });

  it.each([
    [{ match: "iou" as "overlap" }, 'expected "overlap" or "centre" for match, got iou'],
    [{ distanceBands: [0, 20, 20] }, "expected ascending numbers for distanceBands, got 0, 20, 20"],
    [{ score: Number.NaN }, "expected a finite number for score, got NaN"],
    [{ classes: [{ name: "Car", overlap: 1 }] }, "expected a number from 0 up to 1 for classes[0].overlap, got 1"],
    [{ classes: [CLASSES[0], CLASSES[0]] }, "expected a name used once for classes[1].name, got Car"],
  ])("options %#", (options, message) => {
    expect(() => cars([good], options)).toThrow(message);
  });
});

describe("usualOverlap", () => {
  it("is 0.7 for vehicles longer than 3 m, by their median", () => {
    expect(usualOverlap([3.9, 4.5, 0.8])).toBe(0.7);
    expect(usualOverlap([3])).toBe(0.5);
    expect(usualOverlap(Float64Array.of(0.6, 1.8))).toBe(0.5);
    expect(usualOverlap([])).toBe(0.5);
  });
});

describe("renderTables", () => {
  it("shows every figure within 79 characters, and no control character of a name", () => {
    const frames = [
      frame(
        [object(car(10), 30), object(car(30), 0), object(car(50), 7, "Va\u001b[31mn")],
        [found(car(10.2), 0.9), found(car(50), 0.8)],
      ),
    ];
    const text = renderTables(cars(frames));
    expect(text).toContain("Car: 1 object and 1 without points, ignored; 2 detections");
    expect(text).toContain("recall 100.0 %, precision 50.0 %, 1.00 false per frame from score 0.3");
    expect(text).toContain("errors: 0.20 m in the plane");
    expect(text.split("\n").find((line) => line.includes("0-20 m"))).toContain("11-50 pt");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThan(80);
    expect(renderTables(cars(frames, { match: "centre" }))).toContain("mean");
  });
});
