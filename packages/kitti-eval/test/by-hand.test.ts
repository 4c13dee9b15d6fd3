import { describe, expect, it } from "vitest";
import {
  type EvaluationObject,
  encodeEvaluation,
  evaluateKitti,
  groundOverlap,
  imageOverlap,
  perfectDetections,
  spaceOverlap,
} from "../src/index.js";

/** A car 100 px wide and 60 px tall at `left`, 4 m long and 2 m wide, 1.5 m tall, 20 m ahead; 10 m between neighbours. */
function car(left: number, change: Partial<EvaluationObject> = {}): EvaluationObject {
  return {
    type: "Car",
    truncated: 0,
    occluded: 0,
    alpha: 0,
    bbox: [left, 140, left + 100, 200],
    dimensions: [1.5, 2, 4],
    location: [left / 20, 1.7, 20],
    rotationY: 0,
    ...change,
  };
}
const found = (object: EvaluationObject, score: number, change: Partial<EvaluationObject> = {}) => ({
  ...object,
  score,
  ...change,
});
const cars = (count: number) => Array.from({ length: count }, (_, i) => car(i * 200));
const easy2d = (groundTruth: EvaluationObject[], detections: EvaluationObject[]) =>
  evaluateKitti([groundTruth], [detections]).strict.car["2d"]?.easy;

describe("average precision by hand", () => {
  it("3 cars found exactly: 3 points of the curve, R40 counts 2 of 40, R11 one of 11", () => {
    const result = evaluateKitti([cars(3)], [cars(3).map((object, i) => found(object, 0.9 - i / 10))]);
    for (const metric of ["2d", "aos", "bev", "3d"] as const) {
      const easy = result.strict.car[metric]?.easy;
      expect(easy?.curve).toEqual([1, 1, 1, ...new Array(38).fill(0)]);
      expect(easy?.r40).toBeCloseTo(5, 12);
      expect(easy?.r11).toBeCloseTo(100 / 11, 12);
    }
    expect(result.strict.pedestrian["3d"]).toBeNull();
    expect(result.frames).toBe(1);
  });

  it("1 car: R40 leaves the only point out and is 0, R11 has it", () => {
    const easy = easy2d(cars(1), [found(car(0), 1)]);
    expect(easy?.r40).toBe(0);
    expect(easy?.r11).toBeCloseTo(100 / 11, 12);
  });

  it("41 cars found exactly: 100", () => {
    const objects = cars(41);
    const easy = easy2d(
      objects,
      objects.map((object) => found(object, 1)),
    );
    expect(easy?.r40).toBeCloseTo(100, 10);
    expect(easy?.r11).toBeCloseTo(100, 10);
  });

  it("a false detection above both hits: precisions 1/2, 2/3, and the first becomes the later maximum", () => {
    const wrong = found(car(9000), 0.95);
    const easy = easy2d(cars(2), [wrong, found(car(0), 0.9), found(car(200), 0.8)]);
    expect(easy?.curve.slice(0, 3)).toEqual([2 / 3, 2 / 3, 0]);
  });

  it("a missed car: one threshold only, recall 1/2", () => {
    expect(easy2d(cars(2), [found(car(0), 0.9)])?.curve.slice(0, 2)).toEqual([1, 0]);
  });

  it("orientation off by pi/2 gives half the similarity, by pi none", () => {
    const aos = (alpha: number) =>
      evaluateKitti([cars(3)], [cars(3).map((object) => found(object, 1, { alpha }))]).strict.car.aos?.easy.r40;
    expect(aos(Math.PI / 2)).toBeCloseTo(2.5, 12);
    expect(aos(Math.PI)).toBeCloseTo(0, 12);
    expect(aos(2 * Math.PI)).toBeCloseTo(5, 12);
  });

  it("overlap of 0.5 in length and width is a loose match only", () => {
    // half a car's length further: 1/3; a fifth: 0.8 / 1.2 = 2/3, over .5 and not over .7
    const detections = cars(3).map((object) => found(object, 1, { location: [object.location[0] + 0.8, 1.7, 20] }));
    const result = evaluateKitti([cars(3)], [detections]);
    expect(result.strict.car.bev?.easy.r40).toBe(0);
    expect(result.loose.car.bev?.easy.r40).toBeCloseTo(5, 12);
    expect(result.strict.car["2d"]?.easy.r40).toBeCloseTo(5, 12);
  });

  it("of equal scores the first in the file gives the threshold", () => {
    // 39 of 50 px overlap by .78, but 39 px is too low for easy: taken first, it leaves the car without a threshold
    const object = car(0, { bbox: [0, 100, 100, 150] });
    const low = found(object, 0.9, { bbox: [0, 100, 100, 139] });
    expect(easy2d([object], [low, found(object, 0.9)])?.curve[0]).toBe(0);
    expect(easy2d([object], [found(object, 0.9), low])?.curve[0]).toBe(1);
  });

  it("of equal overlaps the first in the file is the hit", () => {
    const [right, opposite] = [found(car(0), 0.9), found(car(0), 0.9, { alpha: Math.PI })];
    const aos = (detections: EvaluationObject[]) =>
      evaluateKitti([cars(1)], [detections]).strict.car.aos?.easy.curve[0];
    expect(aos([right, opposite])).toBe(0.5);
    expect(aos([opposite, right])).toBeCloseTo(0, 15);
  });

  it("detections with a place but no height are evaluated on the ground and not in 3D", () => {
    for (const change of [{ dimensions: [-1, 2, 4] }, { location: [0, -1000, 20] }]) {
      const result = evaluateKitti([cars(1)], [[found(car(0), 1, change)]]);
      expect(result.strict.car.bev?.easy.r11).toBeCloseTo(100 / 11, 12);
      expect(result.strict.car["3d"]).toBeNull();
      expect(result.loose.car["3d"]).toBeNull();
    }
  });

  it("a class that is called like a property of every object is none of the three", () => {
    for (const type of ["constructor", "__proto__", "toString"]) {
      const frame = [car(0), car(200, { type })];
      expect(evaluateKitti([frame], [[found(car(0), 0.9)]])).toEqual(evaluateKitti([cars(1)], [[found(car(0), 0.9)]]));
      expect(perfectDetections([frame])).toEqual([[found(car(0), 1)]]);
    }
  });

  it("no frames: nothing evaluated", () => {
    const result = evaluateKitti([], []);
    expect(result.frames).toBe(0);
    expect(result.strict.car).toEqual({ "2d": null, aos: null, bev: null, "3d": null });
    expect(result.loose.cyclist).toEqual({ bev: null, "3d": null });
  });
});

describe("overlaps by hand", () => {
  const box = (location: number[], rotationY = 0, dimensions = [1.5, 2, 4]) => ({ location, rotationY, dimensions });
  it("same, turned by pi, shifted by half, crossed, touching", () => {
    expect(groundOverlap(box([0, 0, 10]), box([0, 0, 10]))).toBe(1);
    expect(groundOverlap(box([0, 0, 10], 0.7), box([0, 0, 10], 0.7 + Math.PI))).toBeCloseTo(1, 14);
    expect(groundOverlap(box([0, 0, 10]), box([2, 0, 10]))).toBeCloseTo(4 / 12, 15);
    expect(groundOverlap(box([0, 0, 10]), box([0, 0, 10], Math.PI / 2))).toBeCloseTo(4 / 12, 15);
    expect(groundOverlap(box([0, 0, 10]), box([4, 0, 10]))).toBe(0);
    expect(groundOverlap(box([0, 0, 10]), box([0, 0, 12]))).toBe(0);
  });

  it("a square turned by 45 degrees on one of the same size: 2 (sqrt 2 - 1) of its area", () => {
    const square = [1, 2, 2];
    const shared = 4 * 2 * (Math.SQRT2 - 1);
    const expected = shared / (8 - shared);
    expect(groundOverlap(box([0, 0, 9], 0, square), box([0, 0, 9], Math.PI / 4, square))).toBeCloseTo(expected, 14);
  });

  it("turns from x towards -z: at ry 90 degrees the length lies along z", () => {
    const long = box([0, 0, 0], Math.PI / 6, [1, 0.1, 10]);
    const end = (sign: number) =>
      box([4 * Math.cos(Math.PI / 6), 0, sign * 4 * Math.sin(Math.PI / 6)], Math.PI / 6, [1, 0.1, 1]);
    expect(groundOverlap(long, end(-1))).toBeCloseTo(0.1, 12);
    expect(groundOverlap(long, end(1))).toBe(0);
  });

  it("height: y is the bottom and points down", () => {
    expect(spaceOverlap(box([0, 1.5, 10]), box([0, 0.75, 10]))).toBeCloseTo(1 / 3, 15);
    expect(spaceOverlap(box([0, 1.5, 10]), box([0, 0, 10]))).toBe(0);
    expect(spaceOverlap(box([0, 1.5, 10]), box([0, 1.5, 10], 0, [0.75, 2, 4]))).toBeCloseTo(0.5, 15);
  });

  it("image: no +1 on widths", () => {
    expect(imageOverlap({ bbox: [0, 0, 10, 10] }, { bbox: [5, 0, 15, 10] })).toBeCloseTo(1 / 3, 15);
    expect(imageOverlap({ bbox: [0, 0, 10, 10] }, { bbox: [10, 0, 20, 10] })).toBe(0);
  });

  it("flat and negative boxes overlap nothing, but -1 by -1 is the square of an object without place", () => {
    expect(groundOverlap(box([0, 0, 10], 0, [1, 0, 4]), box([0, 0, 10]))).toBe(0);
    expect(groundOverlap(box([0, 0, 10], 0, [1, 0, 4]), box([0, 0, 10], 0, [1, 0, 4]))).toBe(0);
    expect(groundOverlap(box([0, 0, 10], 0, [1, -2, 4]), box([0, 0, 10]))).toBe(0);
    const placeless = box([-1000, -1000, -1000], -10, [-1, -1, -1]);
    expect(groundOverlap(placeless, placeless)).toBe(1);
    expect(spaceOverlap(placeless, placeless)).toBe(0);
    expect(spaceOverlap(box([0, 0, 10], 0, [0, 2, 4]), box([0, 0, 10], 0, [0, 2, 4]))).toBe(0);
  });

  it("a flat or negative detection beside normal ones is a false one, and nothing crashes", () => {
    for (const dimensions of [
      [1.5, 0, 4],
      [1.5, -2, 4],
      [-1.5, 2, 4],
    ]) {
      const detections = [found(car(0), 0.9), found(car(200), 0.8, { dimensions }), found(car(400), 0.7)];
      const result = evaluateKitti([cars(3)], [detections]);
      expect(result.strict.car["3d"]?.easy.curve.slice(0, 3)).toEqual([1, 2 / 3, 0]);
    }
  });
});

describe("perfectDetections", () => {
  it("gives the ceiling", () => {
    const groundTruth = [
      [...cars(2), car(600, { type: "van" }), car(800, { type: "Tram" }), car(0, { type: "DontCare" })],
    ];
    const perfect = perfectDetections(groundTruth);
    expect(perfect[0].map(({ type, score }) => [type, score])).toEqual([
      ["Car", 1],
      ["Car", 1],
      ["Car", 1],
    ]);
    const result = evaluateKitti(groundTruth, perfect);
    expect(result.strict.car["3d"]?.easy.r40).toBeCloseTo(2.5, 12);
  });

  it("is not undone by a Van that stands first and overlaps a Car", () => {
    const groundTruth = [[car(5, { type: "Van" }), car(0)]];
    expect(evaluateKitti(groundTruth, perfectDetections(groundTruth)).strict.car["2d"]?.easy.r11).toBeCloseTo(100 / 11);
    const without = [[found(car(0), 1)]];
    expect(evaluateKitti(groundTruth, without).strict.car["2d"]?.easy.r11).toBe(0);
  });
});

describe("encodeEvaluation", () => {
  it("writes NaN as a string and null as null", () => {
    const level = { r11: Number.NaN, r40: 0.1 + 0.2, curve: [Number.NaN, 1] };
    const text = encodeEvaluation({ strict: { car: { "2d": { easy: level }, aos: null } } } as never);
    expect(JSON.parse(text)).toEqual({
      strict: { car: { "2d": { easy: { r11: "NaN", r40: 0.30000000000000004, curve: ["NaN", 1] } }, aos: null } },
    });
  });
});

describe("errors", () => {
  it("names what is wrong", () => {
    expect(() => evaluateKitti([[]], [])).toThrow(
      "evaluateKitti: expected as many frames for detections as for groundTruth (1), got 0",
    );
    expect(() => evaluateKitti([[]], [[car(0)]])).toThrow(
      "evaluateKitti: expected a finite number for detections[0][0].score, got undefined",
    );
    expect(() => evaluateKitti([[], [car(0, { bbox: [0, 1, Number.NaN, 3] })]], [[], []])).toThrow(
      "evaluateKitti: expected a finite number for groundTruth[1][0].bbox[2], got NaN",
    );
    expect(() => evaluateKitti([[car(0, { location: [1, 2] })]], [[]])).toThrow(
      "evaluateKitti: expected 3 numbers for groundTruth[0][0].location, got 2",
    );
    expect(() => evaluateKitti([[{} as EvaluationObject]], [[]])).toThrow(
      "evaluateKitti: expected a class name for groundTruth[0][0].type, got undefined",
    );
    expect(() => evaluateKitti({} as never, [])).toThrow(
      "evaluateKitti: expected an array of frames for groundTruth, got an object",
    );
    expect(() => perfectDetections([1] as never)).toThrow(
      "perfectDetections: expected an array of objects for groundTruth[0], got 1",
    );
  });
});
