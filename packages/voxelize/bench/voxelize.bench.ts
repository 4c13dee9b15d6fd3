import { seededRandom } from "test-support";
import { bench, describe } from "vitest";
import { meanFeatures, type VoxelizeOptions, voxelize } from "../src/index.js";
import { dictionaryVoxelize } from "../test/oracle/dictionary-voxelize.js";
import { randomCloud } from "../test/random.js";

const second: VoxelizeOptions = {
  range: [0, -40, -3, 70.4, 40, 1],
  voxelSize: [0.05, 0.05, 0.1],
  maxPointsPerVoxel: 5,
  maxVoxels: 40000,
};
const pillar: VoxelizeOptions = {
  range: [0, -39.68, -3, 69.12, 39.68, 1],
  voxelSize: [0.16, 0.16, 4],
  maxPointsPerVoxel: 32,
  maxVoxels: 16000,
};

/** Rings of a sweep over flat ground: dense near the sensor, thin far away. */
function sweep(rng: () => number, n: number): Float32Array {
  const points = new Float32Array(4 * n);
  for (let i = 0; i < n; i++) {
    const distance = 3 + 70 * rng() ** 3;
    const angle = 2 * Math.PI * rng();
    points.set([distance * Math.cos(angle), distance * Math.sin(angle), -1.7 + 0.1 * rng(), rng()], 4 * i);
  }
  return points;
}

const clouds: Record<string, Float32Array> = {
  "sweep of 120 000": sweep(seededRandom(1), 120_000),
  "camera view of 20 000": randomCloud(seededRandom(2), 20_000, second.range),
  "120 000 in one voxel": new Float32Array(480_000),
};

for (const [name, cloud] of Object.entries(clouds)) {
  const rows = Array.from({ length: cloud.length / 4 }, (_, i) => [...cloud.subarray(4 * i, 4 * i + 4)]);
  const truth = dictionaryVoxelize(rows, second.range, second.voxelSize, 5, 40000);
  if (String(voxelize(cloud, second).coords) !== String(truth.cells.flatMap((cell) => cell.coords))) {
    throw new Error(`voxelize disagrees with the dictionary on ${name}`);
  }
  describe(name, () => {
    bench("voxelize, SECOND grid", () => void voxelize(cloud, second));
    bench("voxelize + meanFeatures, SECOND grid", () => void meanFeatures(voxelize(cloud, second)));
    bench("voxelize, PointPillars grid", () => void voxelize(cloud, pillar));
    bench("dictionary, SECOND grid", () => void dictionaryVoxelize(rows, second.range, second.voxelSize, 5, 40000), {
      iterations: 3,
      time: 200,
    });
  });
}
