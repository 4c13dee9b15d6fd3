import { cameraToLidar, projectToImage } from "kitti-io";
import seedrandom from "seedrandom";
import { describe, expect, test } from "vitest";
import {
  IMAGE_SIZE,
  joinMeshes,
  MATERIALS,
  type Mesh,
  materialIndex,
  placeMesh,
  projectMesh,
  rasterize,
  shadeRaster,
  simulatedCalibration,
} from "../src/index.js";
import { nearestOfAll } from "./oracle/all-triangles.js";
import { randomMesh } from "./random-mesh.js";
import { cube, ground } from "./tiny-scene.js";

const calibration = simulatedCalibration();
const { width, height } = IMAGE_SIZE;

/** The ray in the LiDAR frame that falls on a pixel: a line through the camera's centre, by hand from P2. */
function pixelRay(u: number, v: number): Float64Array {
  const { p2 } = calibration;
  const toLidar = cameraToLidar(calibration);
  // P2 = K [I | t]: the centre is -t, the direction K^-1 (u, v, 1)
  const centre = [-p2[3] / p2[0], 0, 0];
  const direction = [(u - p2[2]) / p2[0], (v - p2[6]) / p2[5], 1];
  const map = (vector: number[], point: number) =>
    [0, 1, 2].map((row) =>
      vector.reduce((sum, value, k) => sum + toLidar[4 * row + k] * value, point * toLidar[4 * row + 3]),
    );
  return Float64Array.from([...map(centre, 1), ...map(direction, 0)]);
}

describe("rasterize", () => {
  test("by hand: an upright square 20 m ahead covers the pixels between its projected corners", () => {
    const square: Mesh = {
      positions: Float32Array.of(20, 1, -1, 20, -1, -1, 20, -1, 1, 20, 1, 1),
      triangles: Uint32Array.of(0, 1, 2, 0, 2, 3),
      materials: new Uint8Array(2),
    };
    const raster = rasterize(projectMesh(square, calibration), IMAGE_SIZE);
    const { u, v } = projectToImage(square.positions, calibration, { stride: 3 });
    // some 2 m at focal length 720 and 19.7 m from the camera: 73 pixels each way
    const count = raster.triangle.filter((triangle) => triangle >= 0).length;
    expect(Math.abs(Math.sqrt(count) - (2 * 720) / 19.73)).toBeLessThan(1);
    raster.triangle.forEach((triangle, pixel) => {
      if (triangle < 0) return;
      const [column, row] = [pixel % width, Math.floor(pixel / width)];
      if (column < Math.min(...u) || column > Math.max(...u) || row < Math.min(...v) || row > Math.max(...v)) {
        expect.fail(`pixel ${column}, ${row} lies outside the square`);
      }
    });
  });

  test.each([1, 2, 3])("is what a ray through each pixel meets: random triangles, seed %i", (seed) => {
    const mesh = placeMesh(randomMesh(40, { seed, size: 8 }), { position: [12, 0, 0] });
    const raster = rasterize(projectMesh(mesh, calibration), IMAGE_SIZE);
    const rng = seedrandom(`pixels ${seed}`);
    let [covered, different] = [0, 0];
    for (let i = 0; i < 800; i++) {
      const pixel = Math.floor(rng() * width * height);
      const hit = nearestOfAll(mesh, pixelRay(pixel % width, Math.floor(pixel / width)), 0.1);
      if (hit !== undefined) covered += 1;
      if (raster.triangle[pixel] !== (hit?.triangle ?? -1)) different += 1;
      else if (hit !== undefined) expect(raster.inverseDepth[pixel] * hit.distance).toBeCloseTo(1, 4);
    }
    expect(covered).toBeGreaterThan(100);
    // only a ray that meets an edge within rounding may differ
    expect(different).toBe(0);
  });

  test("LiDAR points of a surface fall on its pixels", () => {
    const mesh = joinMeshes([ground("asphalt"), placeMesh(cube("brick"), { position: [20, 2, 0], scale: [2, 4, 3] })]);
    const raster = rasterize(projectMesh(mesh, calibration), IMAGE_SIZE);
    const rng = seedrandom("points");
    for (let i = 0; i < 500; i++) {
      const face = [19, 0.01 + 3.98 * rng(), 2.98 * rng() - 1.49];
      const { u, v } = projectToImage(face, calibration, { stride: 3 });
      const seen = raster.triangle[Math.round(v[0]) * width + Math.round(u[0])];
      const margin = Math.min(face[1], 4 - face[1], 1.5 - Math.abs(face[2]));
      // a pixel is 2.6 cm wide there
      if (margin > 0.03) expect(seen, `point ${face}`).toBeGreaterThanOrEqual(2);
    }
  });

  test("cuts what reaches behind the camera: the ground below fills the lower half", () => {
    const raster = rasterize(projectMesh(ground("asphalt"), calibration), IMAGE_SIZE);
    for (let u = 0; u < width; u += 37) {
      expect(raster.triangle[(height - 1) * width + u]).toBeGreaterThanOrEqual(0);
      expect(raster.triangle[u]).toBe(-1);
    }
  });

  test("draws only the triangles that it is told to", () => {
    const mesh = joinMeshes([cube("brick"), ground("asphalt")].map((each) => placeMesh(each, { position: [9, 0, 0] })));
    const raster = rasterize(projectMesh(mesh, calibration), IMAGE_SIZE, [0, 1, 2, 3]);
    expect(Math.max(...new Set(raster.triangle))).toBeLessThan(4);
  });
});

describe("shadeRaster", () => {
  const wall = placeMesh(cube("paint-red"), { position: [10.5, 0, 0], scale: [1, 4, 2] });
  const raster = rasterize(projectMesh(wall, calibration), IMAGE_SIZE);
  const middle = 3 * (180 * width + 610);

  test("by hand: the sun on a face adds its light to that from everywhere, less what 10 m of air take", () => {
    const { colour } = MATERIALS[materialIndex("paint-red")];
    const clear = Math.exp(-(10 - 0.27) / 250);
    for (const [sun, light] of [
      [[-1, 0, 0], 0.5 + 0.6],
      [[1, 0, 0], 0.5],
    ] as const) {
      const { data } = shadeRaster(raster, wall, sun);
      [206, 216, 226].forEach((horizon, k) => {
        const expected = horizon + clear * (light * colour[k] - horizon);
        expect(Math.abs(data[middle + k] - expected)).toBeLessThan(1.5);
      });
    }
  });

  test("is a picture of three bytes a pixel, sky where nothing is, bluer above", () => {
    const image = shadeRaster(raster, wall, [0, 0, 1]);
    expect([image.width, image.height, image.data.length]).toEqual([1242, 375, 3 * 1242 * 375]);
    const [top, low] = [image.data.subarray(0, 3), image.data.subarray(3 * 170 * width, 3 * 170 * width + 3)];
    expect(top[2] - top[0]).toBeGreaterThan(low[2] - low[0] + 30);
  });
});
