import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { cropToCameraView, lidarToImage, projectToImage } from "../src/index.js";
import { apply, imageMatrix, lidarToCameraMatrix, multiply } from "./oracle/homogeneous.js";
import { randomCalibration, upright } from "./synthetic.js";

function cloud(rng: () => number, n: number, stride: number): Float32Array {
  return Float32Array.from({ length: n * stride }, () => (rng() - 0.5) * 80);
}

describe("lidarToImage", () => {
  it.each([1, 2, 3])("is P2 · R0 · Tr, seed %i", (seed) => {
    const calibration = randomCalibration(seededRandom(seed));
    const oracle = multiply(imageMatrix(calibration), lidarToCameraMatrix(calibration));
    const matrix = lidarToImage(calibration);
    expect(matrix.length).toBe(12);
    oracle.slice(0, 3).forEach((row, i) => {
      // sums of a few products of size 1e3 at most
      for (const [j, value] of row.entries()) expect(Math.abs(matrix[4 * i + j] - value)).toBeLessThan(1e-9);
    });
  });

  it("by hand: 10 m ahead, 1 m to the left, 2 m up", () => {
    const m = lidarToImage(upright);
    const [wu, wv, w] = [0, 4, 8].map((at) => 10 * m[at] + m[at + 1] + 2 * m[at + 2] + m[at + 3]);
    expect([wu / w, wv / w, w]).toEqual([530, 40, 10]);
  });
});

describe("projectToImage", () => {
  it("by hand: 10 m ahead, 1 m to the left, 2 m up", () => {
    // focal length 700, centre (600, 180): u = 600 - 700 / 10, v = 180 - 2 * 700 / 10
    const { u, v, depth } = projectToImage(Float32Array.of(10, 1, 2, 0, -10, 0, 0, 0), upright);
    expect([u[0], v[0], depth[0]]).toEqual([530, 40, 10]);
    expect(depth[1]).toBe(-10);
  });

  it.each([1, 2, 3])("equals P2 · R0 · Tr as 4 x 4 matrices, any rotation and stride, seed %i", (seed) => {
    const rng = seededRandom(seed);
    const calibration = randomCalibration(rng);
    const stride = 3 + (seed % 3);
    const points = cloud(rng, 100, stride);
    const camera = lidarToCameraMatrix(calibration);
    const image = multiply(imageMatrix(calibration), camera);
    const { u, v, depth } = projectToImage(points, calibration, { stride });
    for (let i = 0; i < 100; i++) {
      const point = points.subarray(i * stride, i * stride + 3);
      const [a, b, w] = apply(image, [...point]);
      // both are quotients of sums of a few products of size 1e5 at most, divided by w
      const tolerance = 1e-9 / Math.min(1, Math.abs(w)) ** 2;
      expect(Math.abs(u[i] - a / w)).toBeLessThan(tolerance);
      expect(Math.abs(v[i] - b / w)).toBeLessThan(tolerance);
      expect(Math.abs(depth[i] - apply(camera, [...point])[2])).toBeLessThan(1e-12);
    }
  });

  it("refuses lengths that are no whole number of points", () => {
    expect(() => projectToImage(new Float32Array(5), upright)).toThrow(
      "projectToImage: expected a multiple of 4 for the length of points, got 5",
    );
    expect(() => projectToImage(new Float32Array(4), upright, { stride: 2 })).toThrow(
      "projectToImage: expected an integer >= 3 for stride, got 2",
    );
  });
});

describe("cropToCameraView", () => {
  const size = { width: 1200, height: 360 };

  it("by hand: includes the left and upper border, not the right and lower, nothing behind the camera", () => {
    // at x = 7 one metre is 100 pixels: u = 600 - 100 y, v = 180 - 100 z
    const rows = [
      [7, 6, 0, 1], // u = 0
      [7, 6.001, 0, 2], // u < 0
      [7, -6, 0, 3], // u = 1200
      [7, -5.999, 0, 4],
      [7, 0, 1.75, 5], // v = 5
      [7, 0, -1.75, 6], // v = 355
      [7, 0, 1.85, 7], // v < 0
      [7, 0, -1.85, 8], // v > 360
      [-7, 0, 0, 9], // behind: projects to the middle
      [0, 0, 0, 10], // at the camera: 0 / 0
    ];
    const kept = cropToCameraView(Float32Array.from(rows.flat()), upright, size);
    expect([...kept].filter((_, i) => i % 4 === 3)).toEqual([1, 4, 5, 6]);
    expect([...kept.subarray(0, 4)]).toEqual([7, 6, 0, 1]);
  });

  it.each([1, 2, 3])(
    "keeps what lies in the image by projectToImage, in order; cropping twice changes nothing, seed %i",
    (seed) => {
      const rng = seededRandom(seed);
      const calibration = randomCalibration(rng, 0.3);
      const points = cloud(rng, 2000, 5);
      const copy = points.slice();
      const { u, v, depth } = projectToImage(points, calibration, { stride: 5 });
      const rows = Array.from({ length: 2000 }, (_, i) => [...points.subarray(5 * i, 5 * i + 5)]);
      const inside = rows.filter((_, i) => u[i] >= 0 && u[i] < 1200 && v[i] >= 0 && v[i] < 360 && depth[i] >= 0);
      const kept = cropToCameraView(points, calibration, { ...size, stride: 5 });
      expect(inside.length).toBeGreaterThan(20);
      expect([...kept]).toEqual(inside.flat());
      expect(cropToCameraView(kept, calibration, { ...size, stride: 5 })).toEqual(kept);
      expect(points).toEqual(copy);
    },
  );

  it("takes no points, drops points that are not numbers, refuses an image without pixels", () => {
    expect(cropToCameraView(new Float32Array(0), upright, size).length).toBe(0);
    expect(cropToCameraView(Float32Array.of(7, Number.NaN, 0, 1), upright, size).length).toBe(0);
    expect(() => cropToCameraView(new Float32Array(4), upright, { width: 0, height: 5 })).toThrow(
      "cropToCameraView: expected a positive width and height, got 0 x 5",
    );
  });
});
