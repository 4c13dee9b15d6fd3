import { expect, it } from "vitest";
import { roadHeight } from "../src/index.js";

const columns = ["x", "y", "z", "intensity", "ring"];
/** Points in a circle, each a centimetre higher than the one before. */
const circle = (radius: number, count = 200) =>
  Float32Array.from({ length: 5 * count }, (_, i) => {
    const point = Math.floor(i / 5);
    return [radius * Math.cos(point), radius * Math.sin(point), -1 + point / 100, 0.5, 7][i % 5];
  });

it("is what a tenth of the points around the sensor lie below", () => {
  expect(roadHeight({ points: circle(8), columns })).toBeCloseTo(-0.8, 6);
  const car = circle(2);
  const houses = circle(20);
  const all = Float32Array.from([...car, ...circle(8).reverse(), ...houses]);
  all.set(circle(8), car.length);
  expect(roadHeight({ points: all, columns })).toBeCloseTo(-0.8, 6);
});

it("is not known where hardly a point is around the sensor", () => {
  expect(roadHeight({ points: circle(8, 99), columns })).toBeUndefined();
  expect(roadHeight({ points: circle(20), columns })).toBeUndefined();
  expect(roadHeight({ points: new Float32Array(0), columns })).toBeUndefined();
});

it("needs to know which columns are places", () => {
  expect(() => roadHeight({ points: circle(8), columns: ["y", "x", "z"] })).toThrow(
    "roadHeight: expected x, y, z as the first columns, got y, x, z",
  );
});
