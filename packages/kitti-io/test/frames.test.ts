import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { cameraToLidar, lidarToCamera, wrapAngle } from "../src/index.js";
import { inverse, lidarToCameraMatrix } from "./oracle/homogeneous.js";
import { randomCalibration, upright } from "./synthetic.js";

describe("lidarToCamera and cameraToLidar", () => {
  it("by hand: an upright camera half a metre behind", () => {
    const calibration = { ...upright, veloToCam: Float64Array.of(0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0.5) };
    expect([...lidarToCamera(calibration)]).toEqual([0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0.5]);
    expect([...cameraToLidar(calibration)].map((value) => value + 0)).toEqual([
      0, 0, 1, -0.5, -1, 0, 0, 0, 0, -1, 0, 0,
    ]);
  });

  it.each([1, 2, 3, 4, 5, 6])("equal products and inverses of 4 x 4 matrices, any rotation, seed %i", (seed) => {
    const calibration = randomCalibration(seededRandom(seed));
    const forward = lidarToCameraMatrix(calibration);
    const back = inverse(forward);
    lidarToCamera(calibration).forEach((value, i) => {
      expect(value).toBeCloseTo(forward[Math.floor(i / 4)][i % 4], 14);
    });
    cameraToLidar(calibration).forEach((value, i) => {
      expect(value).toBeCloseTo(back[Math.floor(i / 4)][i % 4], 13);
    });
  });

  it("a true inverse, where the matrix is no rotation", () => {
    const stretched = { ...upright, r0Rect: Float64Array.of(1.02, 0.01, 0, 0, 0.99, 0.02, 0.03, 0, 1) };
    const back = inverse(lidarToCameraMatrix(stretched));
    cameraToLidar(stretched).forEach((value, i) => {
      expect(value).toBeCloseTo(back[Math.floor(i / 4)][i % 4], 13);
    });
  });

  it("refuses a calibration without an inverse", () => {
    expect(() => cameraToLidar({ ...upright, r0Rect: new Float64Array(9) })).toThrow(
      "cameraToLidar: expected an invertible R0_rect · Tr_velo_to_cam for calibration, got determinant 0",
    );
  });
});

describe("wrapAngle", () => {
  const { PI } = Math;
  it.each([
    [0, 0],
    [PI, -PI],
    [-PI, -PI],
    [3 * PI, -PI],
    [PI / 2 + 2 * PI, PI / 2],
    [-PI / 2 - 4 * PI, -PI / 2],
    [6, 6 - 2 * PI],
  ])("%f becomes %f", (angle, wrapped) => {
    expect(wrapAngle(angle)).toBeCloseTo(wrapped, 14);
  });

  it("stays inside [-π, π) beside every odd multiple of π, and moves by whole turns", () => {
    for (let turn = -9; turn <= 9; turn += 2) {
      for (const off of [-1e-9, -4e-16, 0, 4e-16, 1e-9]) {
        const angle = turn * PI + off;
        const wrapped = wrapAngle(angle);
        expect(wrapped >= -PI && wrapped < PI, `${angle} became ${wrapped}`).toBe(true);
        const turns = (angle - wrapped) / (2 * PI);
        expect(Math.abs(turns - Math.round(turns))).toBeLessThan(1e-14);
      }
    }
  });
});
