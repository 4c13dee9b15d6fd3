import { expectClose, seededRandom } from "test-support";
import { describe, expect, test } from "vitest";
import type { VoxelFeatures } from "voxelize";
import { builtinConfig, collateFrames, prepareFrame } from "../src/index.js";
import { encoderLayers } from "../src/network/detector-layers.js";
import { batchOf, randomScan } from "./tiny/tiny-batch.js";
import { tinyConfig } from "./tiny/tiny-config.js";

const config = tinyConfig();

describe("prepareFrame", () => {
  test("by hand: two points of one voxel, one outside", () => {
    const [x0, y0, z0] = config.pointRange;
    const rows = [
      [x0 + 0.1, y0 + 0.1, z0 + 0.05, 0.5],
      [x0 + 0.2, y0 + 0.1, z0 + 0.05, 0],
      [x0 - 1, y0, z0, 1],
    ];
    const points = Float32Array.from(rows.flat());
    const frame = prepareFrame(points, config);
    expect([...frame.coords]).toEqual([0, 0, 0]);
    expect([...frame.counts]).toEqual([2]);
    expect(frame.kind).toBe("voxels");
    expectClose((frame as VoxelFeatures).features, [x0 + 0.15, y0 + 0.1, z0 + 0.05, 0.25], { ofLargest: 1e-6 });
  });

  test("without intensity: what the encoder takes is one number narrower, and the same else", () => {
    const points = randomScan(200, seededRandom(3));
    for (const kind of ["sparse", "pillars"] as const) {
      const whole = tinyConfig(kind);
      const bare = { ...whole, features: ["x", "y", "z"] as const };
      const [a, b] = [prepareFrame(points, whole), prepareFrame(points, bare)];
      expect(b.coords).toEqual(a.coords);
      const [wide, narrow] = [a, b].map((frame) => (frame.kind === "voxels" ? frame.features : frame.points));
      const width = kind === "sparse" ? 4 : 10;
      expect(narrow).toEqual(wide.filter((_, i) => i % width !== 3));
      expect(encoderLayers(bare).layers[0].inChannels).toBe(width - 1);
    }
  });

  test("refuses what is not a finite number, with its point", () => {
    const points = Float32Array.of(1, 2, 0, 0.5, 1, Number.NaN, 0, 0.5);
    expect(() => prepareFrame(points, config)).toThrow(
      "prepareFrame: expected finite numbers for points, got NaN in point 1",
    );
    expect(() => prepareFrame([1, 2, 3, 4] as unknown as Float32Array, config)).toThrow(TypeError);
    expect(() => collateFrames([], config)).toThrow("collateFrames: expected one frame or more, got none");
    const none = new Float32Array(0);
    const mixed = [prepareFrame(none, config), prepareFrame(none, tinyConfig("pillars"))];
    expect(() => collateFrames(mixed, config)).toThrow(
      "collateFrames: expected voxels in frame 1 for this encoder, got points",
    );
  });
});

describe("collateFrames", () => {
  test("frames follow each other, one without points keeps its number", () => {
    const rng = seededRandom(1);
    const scans = [randomScan(30, rng), new Float32Array(0), randomScan(20, rng)];
    const batch = batchOf(...scans);
    const frames = scans.map((scan) => prepareFrame(scan, config));
    const [first, , last] = frames.map((frame) => frame.counts.length);
    expect(batch.batchSize).toBe(3);
    const numbers = batch.coords.filter((_, i) => i % 4 === 0);
    expect([...numbers]).toEqual([...Array(first).fill(0), ...Array(last).fill(2)]);
    expect([...batch.features]).toEqual(frames.flatMap((frame) => [...(frame as VoxelFeatures).features]));
  });

  test("layers on the same sites share a rulebook", () => {
    const { rulebooks } = batchOf(randomScan(30, seededRandom(2)));
    // input and stage1.0; then of each stage the two behind the strided one; output stands alone
    const ids = rulebooks.map((rulebook) => rulebooks.indexOf(rulebook));
    expect(ids).toEqual([0, 0, 2, 3, 3, 5, 6, 6, 8, 9, 9, 11]);
  });

  test("maxVoxels bounds a frame; the configuration's inference limit is the default", () => {
    const scan = randomScan(50, seededRandom(3));
    expect(prepareFrame(scan, config, { maxVoxels: 7 }).counts).toHaveLength(7);
    const tight = { ...builtinConfig("second-mini"), maxVoxels: { train: 5, test: 3 } };
    expect(prepareFrame(scan, tight).counts).toHaveLength(3);
  });
});
