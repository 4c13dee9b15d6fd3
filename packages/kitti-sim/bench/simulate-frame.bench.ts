import { encode } from "fast-png";
import seedrandom from "seedrandom";
import { bench, describe } from "vitest";
import {
  buildBvh,
  buildScene,
  castScan,
  IMAGE_SIZE,
  joinMeshes,
  labelObjects,
  nearestHit,
  observeScene,
  placeMesh,
  projectMesh,
  rasterize,
  type Scene,
  shadeRaster,
  simulatedCalibration,
  simulateFrame,
} from "../src/index.js";
import { nearestOfAll } from "../test/oracle/all-triangles.js";
import { randomMesh, randomRays } from "../test/random-mesh.js";

const street = buildScene(seedrandom.alea("bench"));
const { mesh } = street;
const bvh = buildBvh(mesh);
const calibration = simulatedCalibration();
const projected = projectMesh(mesh, calibration);
const raster = rasterize(projected, IMAGE_SIZE);
const { triangles: returns } = castScan({ mesh, bvh }, seedrandom.alea("scan"));
const image = shadeRaster(raster, mesh, [0, 0, 1]);

describe(`a street of ${mesh.materials.length} triangles`, () => {
  bench("simulateFrame, all of it", () => {
    simulateFrame({ seed: 0, frame: 0 });
  });
  bench("simulateFrame, the camera's field", () => {
    simulateFrame({ seed: 0, frame: 0, field: "camera" });
  });
  bench("buildBvh", () => {
    buildBvh(mesh);
  });
  bench("castScan, 138 000 rays", () => {
    castScan({ mesh, bvh }, seedrandom.alea("scan"));
  });
  bench("rasterize and shadeRaster, 1242 x 375", () => {
    shadeRaster(rasterize(projected, IMAGE_SIZE), mesh, [0, 0, 1]);
  });
  bench("labelObjects", () => {
    labelObjects(street, { calibration, projected, raster, returns });
  });
  bench("encode as PNG", () => {
    encode({ ...image, channels: 3, depth: 8 });
  });
});

const leaves = placeMesh(randomMesh(100_000, { seed: 3, size: 0.2 }), { position: [25, 14, 1], scale: [3, 1, 0.3] });
const green: Scene = {
  ...street,
  mesh: joinMeshes([mesh, leaves]),
  objectOf: Int32Array.from([...street.objectOf, ...new Int32Array(100_000).fill(-1)]),
};

describe("the same with 100 000 leaves beside it", () => {
  bench("observeScene, all of it", () => {
    observeScene(green, seedrandom.alea("scan"));
  });
});

const small = randomMesh(150, { seed: 1, size: 3 });
for (const ray of randomRays(50, 2)) {
  if (nearestHit(buildBvh(small), ray)?.triangle !== nearestOfAll(small, ray)?.triangle) {
    throw new Error("nearestHit disagrees with looking at every triangle");
  }
}

for (const count of [1000, 100_000]) {
  const crowd = randomMesh(count, { seed: 1, size: 0.3 });
  const tree = buildBvh(crowd);
  const rays = randomRays(10_000, 2);
  describe(`${count} random triangles`, () => {
    bench("buildBvh", () => {
      buildBvh(crowd);
    });
    bench("nearestHit, 10 000 rays", () => {
      for (const ray of rays) nearestHit(tree, ray);
    });
  });
}
