import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { boxesFromObjects, boxFromObject, type Calibration, objectFromBox, wrapAngle } from "../src/index.js";
import { apply, inverse, lidarToCameraMatrix } from "./oracle/homogeneous.js";
import { car, randomCalibration, randomObject, upright } from "./synthetic.js";

/** Round trips are good to this: metres and radians. */
const TOLERANCE = 1e-6;

function expectRoundTrip(object: typeof car, calibration: Calibration, note: string): void {
  const again = objectFromBox(boxFromObject(object, calibration), calibration, object);
  const [a, b] = [again, object].map(({ location, dimensions }) => [...location, ...dimensions]);
  a.forEach((value, i) => {
    expect(Math.abs(value - b[i]), note).toBeLessThan(TOLERANCE);
  });
  expect(Math.abs(wrapAngle(again.rotationY - object.rotationY)), note).toBeLessThan(TOLERANCE);
  expect(again.type).toBe(object.type);
}

describe("boxFromObject", () => {
  it("by hand: a car 20 m ahead, 1 m to the right, driving away", () => {
    // driving away: along the camera's +z, rotation_y = -π/2; along the LiDAR's +x, yaw 0
    const object = { ...car, rotationY: -Math.PI / 2 };
    const box = boxFromObject(object, upright);
    const expected = [20, -1, -1.6 + 0.75, 4.2, 1.7, 1.5, 0];
    expected.forEach((value, i) => {
      expect(box[i]).toBeCloseTo(value, 12);
    });
  });

  const { PI } = Math;
  it.each([
    [-PI / 2, 0, "away from us: LiDAR +x"],
    [0, -PI / 2, "to the right: LiDAR -y"],
    [PI / 2, -PI, "towards us: LiDAR -x"],
    [PI, PI / 2, "to the left: LiDAR +y"],
    [-PI, PI / 2, "to the left: LiDAR +y"],
    [0.01, -0.01 - PI / 2, "golden frame 000000"],
  ])("rotation_y %f is yaw %f: %s", (rotationY, yaw) => {
    expect(boxFromObject({ ...car, rotationY }, upright)[6]).toBeCloseTo(yaw, 12);
  });

  it.each([1, 2, 3, 4])("its centre is that of homogeneous matrices, any rotation, seed %i", (seed) => {
    const rng = seededRandom(seed);
    const calibration = randomCalibration(rng);
    const back = inverse(lidarToCameraMatrix(calibration));
    const objects = Array.from({ length: 50 }, () => randomObject(rng));
    const boxes = boxesFromObjects(objects, calibration);
    objects.forEach(({ location, dimensions }, i) => {
      const [x, y, z] = apply(back, location);
      const [h, w, l] = dimensions;
      [x, y, z + h / 2, l, w, h].forEach((value, k) => {
        expect(boxes[7 * i + k], `seed ${seed}, object ${i}`).toBeCloseTo(value, 10);
      });
    });
  });

  it("no objects, no boxes; an object without a box is refused", () => {
    expect(boxesFromObjects([], upright).length).toBe(0);
    const dontCare = { ...car, type: "DontCare", dimensions: [-1, -1, -1] as const };
    expect(() => boxesFromObjects([car, dontCare], upright)).toThrow(
      "boxesFromObjects: expected objects with a 3D box, got DontCare of size -1 x -1 x -1 at index 1; leave DontCare out",
    );
    expect(() => boxFromObject({ ...car, dimensions: [1, Number.NaN, 1] }, upright)).toThrow(RangeError);
  });
});

describe("objectFromBox", () => {
  it("by hand: a box straight ahead", () => {
    const object = objectFromBox([8, 0, 1, 2, 2, 2, 0], upright, { type: "Car", score: 0.5 });
    expect(object).toMatchObject({ type: "Car", truncated: -1, occluded: -1, score: 0.5, dimensions: [2, 2, 2] });
    expect(object.location.map((value) => value + 0)).toEqual([0, 0, 8]);
    expect(object.rotationY).toBeCloseTo(-Math.PI / 2, 12);
    expect(object.alpha).toBeCloseTo(-Math.PI / 2, 12);
    // near face at 7 m: one metre is 100 pixels
    [500, -20, 700, 180].forEach((value, i) => {
      expect(object.bbox[i]).toBeCloseTo(value, 9);
    });
  });

  it("alpha is rotation_y less the bearing, wrapped", () => {
    // 45° to the right of the camera, facing away from the LiDAR's origin: seen from behind, as if straight ahead
    const object = objectFromBox([10, -10, 0, 4, 2, 1.5, -Math.PI / 4], upright, { type: "Car" });
    expect(object.rotationY).toBeCloseTo(-Math.PI / 4, 12);
    expect(object.alpha).toBeCloseTo(-Math.PI / 2, 12);
    const wrapped = objectFromBox([10, -10, 0, 4, 2, 1.5, 1], upright, { type: "Car" });
    expect(wrapped.alpha).toBeCloseTo(wrapAngle(-1 - Math.PI / 2 - Math.PI / 4), 12);
    expect(wrapped.alpha).toBeGreaterThan(2.9);
  });

  it("a box out of sight has an empty 2D box", () => {
    const behind = objectFromBox([-20, 0, 0, 4, 2, 1.5, 0], upright, { type: "Car" });
    expect(behind.bbox).toEqual([0, 0, 0, 0]);
  });

  it("refuses what is no box", () => {
    const call = (box: number[]) => () => objectFromBox(box, upright, { type: "Car" });
    expect(call([1, 2, 3])).toThrow("objectFromBox: expected 7 finite numbers with sizes >= 0 for box, got [1, 2, 3]");
    expect(call([1, 2, Number.NaN, 1, 1, 1, 0])).toThrow(RangeError);
    expect(call([1, 2, 3, 1, -1, 1, 0])).toThrow(RangeError);
  });
});

describe("label → box → label", () => {
  it.each([1, 2, 3, 4, 5, 6])("returns the object, whatever the rotation between the sensors, seed %i", (seed) => {
    const rng = seededRandom(seed);
    for (let i = 0; i < 60; i++) {
      const calibration = randomCalibration(rng);
      expectRoundTrip(randomObject(rng), calibration, `seed ${seed}, object ${i}`);
    }
  });

  it("at the limits: angles beside ±π and ±π/2, flat and huge boxes, far away and at the origin", () => {
    const calibration = randomCalibration(seededRandom(9));
    const { PI } = Math;
    for (const angle of [-PI, -PI / 2, 0, PI / 2, PI]) {
      for (const off of [-1e-7, -1e-15, 0, 1e-15, 1e-7]) {
        for (const location of [
          [0, 0, 0],
          [1e4, -1e4, 1e4],
          [0, 1.65, -5],
        ] as const) {
          for (const dimensions of [
            [0, 0, 0],
            [1e-3, 1e3, 1e-3],
          ] as const) {
            const object = { ...car, location, dimensions, rotationY: angle + off };
            expectRoundTrip(object, calibration, `angle ${angle + off}, at ${location}, size ${dimensions}`);
          }
        }
      }
    }
  });

  it.each([1, 2, 3])("and box → label → box, any yaw, to whole turns, seed %i", (seed) => {
    const rng = seededRandom(seed);
    for (let i = 0; i < 60; i++) {
      const calibration = randomCalibration(rng);
      const box = Float64Array.from({ length: 7 }, (_, k) =>
        k < 3 ? rng() * 100 - 50 : k < 6 ? rng() * 5 : rng() * 20 - 10,
      );
      const again = boxFromObject(objectFromBox(box, calibration, { type: "Car" }), calibration);
      box.forEach((value, k) => {
        const difference = k === 6 ? wrapAngle(again[k] - value) : again[k] - value;
        expect(Math.abs(difference), `seed ${seed}, box ${i}`).toBeLessThan(TOLERANCE);
      });
      expect(again[6] >= -Math.PI && again[6] < Math.PI).toBe(true);
    }
  });

  it("turning the scene about the LiDAR's z by an upright calibration turns the box with it", () => {
    const [cos, sin] = [Math.cos(0.4), Math.sin(0.4)];
    // the camera looks 0.4 rad to the left of the LiDAR's x
    const turned = { ...upright, veloToCam: Float64Array.of(sin, -cos, 0, 0, 0, 0, -1, 0, cos, sin, 0, 0) };
    const a = boxFromObject(car, upright);
    const b = boxFromObject(car, turned);
    expect(b[0]).toBeCloseTo(a[0] * cos - a[1] * sin, 12);
    expect(b[1]).toBeCloseTo(a[0] * sin + a[1] * cos, 12);
    // the convention: the angle is taken over as it is, relative to the camera
    expect(b[6]).toBe(a[6]);
  });
});
