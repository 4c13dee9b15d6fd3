import * as tf from "@tensorflow/tfjs-core";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { collateFrames, type EncoderFrame, type HeadOutputs, InferenceNetwork, prepareFrame } from "second-detector";
import { expectClose } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, test } from "vitest";
import { onnxDetector } from "../src/index.js";
import { notes, published, randomScan, type TestedDetector, untrained } from "./detectors.js";

registerSimdBackend();
beforeAll(() => tf.setBackend("simd"));

/**
 * Of the map's largest number. Both sides sum float32 products in orders of their own (here 3×3 convolutions by minimal filtering,
 * there in blocks of channels), so they differ by roundings of the terms, which are as large as the largest numbers of the map
 * where these cancel to a small one.
 */
const ROUNDING = { ofLargest: 1e-4 };

async function openSession({ config, weights }: TestedDetector): Promise<InferenceSession> {
  return InferenceSession.create(onnxDetector(weights, config, notes).bytes, { intraOpNumThreads: 1 });
}

function expectSameHead(found: InferenceSession.ReturnType, wanted: HeadOutputs): void {
  for (const [name, tensor] of [
    ["class_logits", wanted.cls],
    ["box_codes", wanted.box],
    ["direction_logits", wanted.dir],
  ] as const) {
    expect(found[name].dims, name).toEqual(tensor.shape);
    expectClose(found[name].data as Float32Array, tensor.dataSync(), { ...ROUNDING, label: name });
    expect(new Set(tensor.dataSync()).size, `${name} is not constant`).toBeGreaterThan(10);
  }
  tf.dispose(wanted);
}

/** What a model takes of a frame: its columns, each filled up with zeros. */
function pillarFeeds(frame: EncoderFrame, slots: number): Record<string, Tensor> {
  if (frame.kind !== "points") throw new Error("expected points");
  const { points, coords, counts } = frame;
  const columns =
    points.length /
    Math.max(
      1,
      counts.reduce((sum, count) => sum + count, 0),
    );
  const width = counts.length === 0 ? 10 : columns;
  const padded = new Float32Array(counts.length * slots * width);
  let from = 0;
  counts.forEach((count, i) => {
    padded.set(points.subarray(from * width, (from + count) * width), i * slots * width);
    from += count;
  });
  return {
    pillar_points: new Tensor("float32", padded, [counts.length, slots, width]),
    pillar_coords: new Tensor("int32", coords, [counts.length, 3]),
  };
}

describe("PointPillars in ONNX Runtime", () => {
  test.each([
    ["published weights", async () => published("pointpillars-small")],
    ["weights with any norms", () => untrained("pointpillars-mini")],
  ])("gives our head maps for any number of pillars: %s", async (_, make) => {
    const detector = await make();
    const { config, weights } = detector;
    const session = await openSession(detector);
    const network = new InferenceNetwork(weights, config);
    const found: number[] = [];
    // The last fills every pillar that there is room for.
    for (const count of [0, 1, 3000, 150_000]) {
      const frame = prepareFrame(randomScan(config, count), config);
      found.push(frame.counts.length);
      const wanted = network.run(collateFrames([frame], config));
      expectSameHead(await session.run(pillarFeeds(frame, config.maxPointsPerVoxel)), wanted);
    }
    network.dispose();
    await session.release();
    expect(found.slice(0, 2)).toEqual([0, 1]);
    expect(found[3]).toBe(config.maxVoxels.test);
  });

  test("puts a pillar into each corner of the map, one of them without an empty slot", async () => {
    const detector = published("pointpillars-small");
    const { config, weights } = detector;
    const [x0, y0, , x1, y1] = config.pointRange;
    const corners = [x0 + 0.05, x1 - 0.05].flatMap((x) => [y0 + 0.05, y1 - 0.05].map((y) => [x, y, -1, 0.5]));
    // More points than a column has room for, none of which is like one of zeros.
    const crowd = Array.from({ length: 40 }, (_, i) => [x0 + 0.05, y0 + 0.05, 0.02 * i - 1, 0.9]);
    const frame = prepareFrame(Float32Array.from([...corners, ...crowd].flat()), config);
    expect([...frame.counts]).toEqual([config.maxPointsPerVoxel, 1, 1, 1]);
    const session = await openSession(detector);
    const network = new InferenceNetwork(weights, config);
    const wanted = network.run(collateFrames([frame], config));
    expectSameHead(await session.run(pillarFeeds(frame, config.maxPointsPerVoxel)), wanted);
    network.dispose();
    await session.release();
  });
});

describe.each(["second-small", "pointnet-small"] as const)("the 2D part of %s in ONNX Runtime", (name) => {
  test.each([
    ["one scan", [4000]],
    ["an empty scan between two", [2000, 0, 300]],
  ])("gives our head maps: %s", async (_, counts) => {
    const detector = published(name);
    const { config, weights } = detector;
    const session = await openSession(detector);
    const network = new InferenceNetwork(weights, config);
    const frames = counts.map((count, i) => prepareFrame(randomScan(config, count, i), config));
    const map = network.encode(collateFrames(frames, config));
    const found = await session.run({ bev_map: new Tensor("float32", map.dataSync<"float32">(), map.shape) });
    expectSameHead(found, network.detect(map));
    map.dispose();
    network.dispose();
    await session.release();
  });
});
