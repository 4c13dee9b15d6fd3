import { cameraToLidar, encodeCalibration, lidarToCamera, parseCalibration, projectToImage } from "kitti-io";
import { expect, test } from "vitest";
import { simulatedCalibration } from "../src/index.js";

const calibration = simulatedCalibration();

test("its text gives back the same numbers, with KITTI's digits", () => {
  const text = encodeCalibration(calibration);
  expect(parseCalibration(text)).toEqual(calibration);
  for (const word of text.match(/[-\d.]+e[+-]\d+/g) ?? []) expect(word).toMatch(/^-?\d\.\d{12}e[+-]\d\d$/);
});

test("turns are rotations: rows of length 1 at right angles", () => {
  for (const [matrix, stride] of [
    [calibration.r0Rect, 3],
    [calibration.veloToCam, 4],
  ] as const) {
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        const product = [0, 1, 2].reduce((sum, k) => sum + matrix[stride * i + k] * matrix[stride * j + k], 0);
        expect(product).toBeCloseTo(i === j ? 1 : 0, 11);
      }
    }
  }
});

test("the camera stands 27 cm ahead of the LiDAR and 8 cm below, and looks ahead", () => {
  const toLidar = cameraToLidar(calibration);
  expect([3, 7, 11].map((i) => toLidar[i])).toEqual([
    expect.closeTo(0.271, 9),
    expect.closeTo(0.005, 9),
    expect.closeTo(-0.08, 9),
  ]);
  const toCamera = lidarToCamera(calibration);
  // camera x, y, z = LiDAR -y, -z, x up to a few hundredths
  const axes = [0, -1, 0, 0, 0, -1, 1, 0, 0];
  axes.forEach((value, i) => {
    expect(Math.abs(toCamera[4 * Math.floor(i / 3) + (i % 3)] - value)).toBeLessThan(0.02);
  });
});

test("what is far ahead at the sensor's height is in the middle of the picture, left is left, up is up", () => {
  const { u, v, depth } = projectToImage([60, 0, 0, 60, 5, 0, 60, 0, 2], calibration, { stride: 3 });
  expect(depth[0]).toBeGreaterThan(59);
  expect(Math.abs(u[0] - 610)).toBeLessThan(20);
  expect(Math.abs(v[0] - 180)).toBeLessThan(20);
  expect(u[1]).toBeCloseTo(u[0] - (5 * 720) / 59.73, 0);
  expect(v[2]).toBeCloseTo(v[0] - (2 * 720) / 59.73, 0);
});
