import { readFileSync } from "node:fs";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expectClose, seededRandom } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, test } from "vitest";
import {
  collateFrames,
  createWeights,
  type DetectorBatch,
  type DetectorConfig,
  disposeWeights,
  forwardDetector,
  InferenceNetwork,
  lossGradients,
  type NamedArray,
  type PointBatch,
  prepareFrame,
  updateRunningStatistics,
  weightsFromArrays,
  weightsToArrays,
} from "../src/index.js";
import { pointNetOracle } from "./oracle/point-net.js";
import { batchFor, randomScan } from "./tiny/tiny-batch.js";
import { tinyConfig } from "./tiny/tiny-config.js";
import { withRandomNorms } from "./tiny/trained-arrays.js";

registerSimdBackend();

/** Of the largest entry: float32 against float64 through one layer and a norm of a dozen rows. */
const ROUNDING = { ofLargest: 2e-6 };

const backends = ["cpu", "simd"];

test("a point beside its cell's mean and centre, cell after cell, by hand", () => {
  // Columns of 1 m from x = 0, y = −4; the height of 4 m has its middle at 0.
  const points = Float32Array.from([0.25, -3.5, 0.5, 0.1, 5.5, 0.75, -1, 0.2, 0.75, -3.5, 1.5, 0.3]);
  const frame = prepareFrame(points, tinyConfig("pillars"));
  if (frame.kind !== "points") throw new Error(`expected points, got ${frame.kind}`);
  const { coords, counts } = frame;
  expect([...coords]).toEqual([0, 0, 0, 0, 4, 5]);
  expect([...counts]).toEqual([2, 1]);
  const rows = [
    [0.25, -3.5, 0.5, 0.1, -0.25, 0, -0.5, -0.25, 0, 0.5],
    [0.75, -3.5, 1.5, 0.3, 0.25, 0, 0.5, 0.25, 0, 1.5],
    [5.5, 0.75, -1, 0.2, 0, 0, 0, 0, 0.25, -1],
  ];
  expect([...frame.points]).toEqual([...Float32Array.from(rows.flat())]);
});

test("frames follow each other in a batch, cell after cell", () => {
  const config = tinyConfig("pillars");
  const rng = seededRandom(1);
  const scans = [randomScan(90, rng), new Float32Array(0), randomScan(70, rng)];
  const batch = batchFor(config, ...scans) as PointBatch;
  const frames = scans.map((scan) => prepareFrame(scan, config)).filter((frame) => frame.kind === "points");
  expect(batch.batchSize).toBe(3);
  expect([...batch.points]).toEqual(frames.flatMap(({ points }) => [...points]));
  const counts = frames.flatMap((frame) => [...frame.counts]);
  let end = 0;
  expect([...batch.starts]).toEqual([0, ...counts.map((count) => (end += count))]);
  const numbers = batch.coords.filter((_, i) => i % 4 === 0);
  expect([...numbers]).toEqual(frames.flatMap(({ counts }, frame) => Array<number>(counts.length).fill(frame)));
});

test("a batch for another encoder, or with more points of a cell than it has room for, is refused", () => {
  const config = tinyConfig("pillars");
  const weights = createWeights(config, seededRandom(1));
  const scan = randomScan(90, seededRandom(2));
  expect(() => forwardDetector(weights, batchFor(tinyConfig(), scan), { config })).toThrow(
    "forwardDetector: expected points in batch for the encoder pillars, got voxels",
  );
  const roomy = batchFor({ ...config, maxPointsPerVoxel: 20 }, scan);
  expect(() => forwardDetector(weights, roomy, { config })).toThrow(
    /forwardDetector: expected at most 2 points of a cell in batch, got \d/,
  );
  disposeWeights(weights);
});

/** What scripts/pillar-fixture.py wrote. */
interface PillarFixture {
  readonly slots: number;
  readonly counts: number[];
  readonly points: number[];
  readonly probe: number[];
  readonly weight: number[];
  readonly gamma: number[];
  readonly beta: number[];
  readonly mean: number[];
  readonly var: number[];
  readonly evaluation: number[];
  readonly training: number[];
  readonly meanAfter: number[];
  readonly varAfter: number[];
  readonly gradients: { readonly weight: number[]; readonly gamma: number[]; readonly beta: number[] };
}

describe.each(backends)("PointPillars' encoder against PyTorch on %s", (backend) => {
  const fixture: PillarFixture = JSON.parse(readFileSync(new URL("fixtures/pillars.json", import.meta.url), "utf8"));
  const config: DetectorConfig = { ...tinyConfig("pillars"), maxPointsPerVoxel: fixture.slots };
  const layer = "encoder.points.0";
  const cells = [
    [0, 0, 0],
    [0, 2, 5],
    [0, 7, 1],
    [0, 3, 3],
  ];
  let batch: DetectorBatch;
  let arrays: Map<string, NamedArray>;

  beforeAll(async () => {
    await tf.setBackend(backend);
    const points = Float32Array.from(fixture.points);
    const counts = Int32Array.from(fixture.counts);
    batch = collateFrames([{ kind: "points", points, counts, coords: Int32Array.from(cells.flat()) }], config);
    const fresh = createWeights(config, seededRandom(2));
    arrays = await weightsToArrays(fresh);
    disposeWeights(fresh);
    for (const [name, values] of Object.entries({
      weight: fixture.weight,
      "bn.gamma": fixture.gamma,
      "bn.beta": fixture.beta,
      "bn.mean": fixture.mean,
      "bn.var": fixture.var,
    })) {
      const { shape } = arrays.get(`${layer}.${name}`)!;
      arrays.set(`${layer}.${name}`, { shape, data: Float32Array.from(values) });
    }
  });

  /** [cells, 4] from a map, which is zero elsewhere. */
  function atCells(map: Float32Array): number[] {
    const channels = map.length / 64;
    const rows = cells.map(([, y, x]) => [...map.subarray((8 * y + x) * channels, (8 * y + x + 1) * channels)]);
    expect(map.filter((value) => value !== 0).length).toBe(rows.flat().filter((value) => value !== 0).length);
    return rows.flat();
  }

  test("evaluation mode, plain and folded", () => {
    const weights = weightsFromArrays(config, arrays);
    let map!: Float32Array;
    const result = forwardDetector(weights, batch, {
      config,
      onStage: (name, stage) => {
        if (name === "bev") map = Float32Array.from(stage.dataSync());
        return undefined;
      },
    });
    expectClose(atCells(map), fixture.evaluation, ROUNDING);
    const network = new InferenceNetwork(arrays, config);
    const folded = network.encode(batch);
    expectClose(atCells(folded.dataSync() as Float32Array), fixture.evaluation, ROUNDING);
    tf.dispose([result, folded]);
    network.dispose();
    disposeWeights(weights);
  });

  test("training mode: output, running statistics and gradients", () => {
    const weights = weightsFromArrays(config, arrays);
    const probe = new Float32Array(64 * 4);
    cells.forEach(([, y, x], cell) => {
      probe.set(fixture.probe.slice(4 * cell, 4 * cell + 4), (8 * y + x) * 4);
    });
    let map!: Float32Array;
    let total!: tf.Scalar;
    const pass = lossGradients(weights, batch, {
      config,
      onStage: (name, stage) => {
        if (name !== "bev") return undefined;
        map = Float32Array.from(stage.dataSync());
        total = tf.keep(tf.sum(tf.mul(stage, tf.tensor(probe, stage.shape)))) as tf.Scalar;
        return undefined;
      },
      loss: () => ({ loss: total, report: undefined }),
    });
    expectClose(atCells(map), fixture.training, ROUNDING);
    for (const [name, key] of [
      ["weight", "weight"],
      ["bn.gamma", "gamma"],
      ["bn.beta", "beta"],
    ] as const) {
      expectClose(pass.gradients[`${layer}.${name}`].dataSync(), fixture.gradients[key], {
        ...ROUNDING,
        label: name,
      });
    }
    const { [layer]: own } = pass.batchStatistics;
    updateRunningStatistics(weights, { [layer]: own }, { momentum: config.batchNorm.momentum });
    expectClose(weights.running.get(`${layer}.bn.mean`)!.dataSync(), fixture.meanAfter, ROUNDING);
    expectClose(weights.running.get(`${layer}.bn.var`)!.dataSync(), fixture.varAfter, ROUNDING);
    tf.dispose([pass, total]);
    disposeWeights(weights);
  });
});

describe.each(backends)("PointNet encoder on %s", (backend) => {
  const config = tinyConfig("pointnet");

  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  test("equals single loops", async () => {
    const rng = seededRandom(3);
    const fresh = createWeights(config, rng);
    const arrays = withRandomNorms(await weightsToArrays(fresh), rng);
    disposeWeights(fresh);
    const batch = batchFor(config, randomScan(100, rng)) as PointBatch;
    const network = new InferenceNetwork(arrays, config);
    const map = network.encode(batch);
    const values = map.dataSync();
    const rows = Array.from({ length: batch.points.length / 10 }, (_, i) => [
      ...batch.points.subarray(10 * i, 10 * i + 10),
    ]);
    const expected = pointNetOracle(rows, {
      counts: [...batch.starts.subarray(1)].map((end, cell) => end - batch.starts[cell]),
      layers: [0, 1, 2].map((i) => `encoder.points.${i}`),
      arrays,
      epsilon: config.batchNorm.epsilon,
    });
    const found = expected.map((row, cell) => {
      const [, , y, x] = batch.coords.subarray(4 * cell, 4 * cell + 4);
      return [...values.subarray((8 * y + x) * row.length, (8 * y + x + 1) * row.length)];
    });
    expectClose(found.flat(), expected.flat(), ROUNDING);
    expect(values.filter((v) => v !== 0).length).toBe(found.flat().filter((v) => v !== 0).length);
    map.dispose();
    network.dispose();
  });
});
