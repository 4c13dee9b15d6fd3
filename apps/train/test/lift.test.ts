import { spawnSync } from "node:child_process";
import { simulateFrame } from "kitti-sim";
import { roadHeight } from "point-cloud-io";
import { learntRoad, readPretrained } from "second-weights";
import { beforeAll, describe, expect, it } from "vitest";
import type { FrameReader } from "../src/frames/data-source.js";
import { inferFrame } from "../src/inference/infer-frame.js";
import { lifted, metresOf, roadDoubt } from "../src/inference/lift.js";
import { makeDetector } from "../src/inference/open-detector.js";
import { useBackend } from "../src/step.js";

const street = simulateFrame({ seed: 7, frame: 3 }).points;
/** The same street as seen by a sensor whose z is 0 on the road. */
const high = lifted(street, 1.7);

const roadOf = (points: Float32Array) => roadHeight({ points, columns: ["x", "y", "z", "intensity"] })!;

beforeAll(() => useBackend("simd"));

describe("the road under a sensor", () => {
  it("of a simulated street is where the weights learnt it", () => {
    expect(Math.abs(roadOf(street) - learntRoad)).toBeLessThan(0.15);
    expect(roadDoubt(street)).toBeUndefined();
    expect(roadDoubt(high)).toMatch(
      /^the road seems to lie at z = (0|0\.1|-0\.1) m, where these weights learnt it at -1\.69 m/,
    );
    expect(metresOf("road", high)).toBeCloseTo(learntRoad - roadOf(high), 9);
    expect(() => metresOf("road", new Float32Array(0))).toThrow("expected points 3 to 15 m away for --lift road");
  });
});

it("brings what would be missed: the boxes of the street, where they are in the scan", async () => {
  const { config, weights } = readPretrained("second-small-full");
  const detector = makeDetector(weights, config);
  const reader = (points: Float32Array) =>
    ({ read: async (id) => ({ id, points }) }) as Partial<FrameReader> as FrameReader;
  const find = (points: Float32Array, lift?: number) =>
    inferFrame(detector, reader(points), "street", { lift, roadIsKnown: true });
  const usual = await find(street);
  const [missed, raised] = [await find(high), await find(high, -1.7)];
  detector.network.dispose();
  expect(usual.doubts).toEqual([]);
  expect(missed.doubts).toEqual([roadDoubt(high)]);
  expect(raised.doubts).toEqual([]);
  const sure = (scores: Float32Array) => scores.filter((score) => score > 0.3).length;
  expect(sure(usual.found.scores)).toBeGreaterThan(4);
  expect(sure(missed.found.scores)).toBeLessThan(sure(usual.found.scores) / 2);
  // moved up and down again, a coordinate has another last bit, and a point on the border of a voxel is in another one
  expect(sure(raised.found.scores)).toBe(sure(usual.found.scores));
  for (let i = 0; i < sure(usual.found.scores); i += 1) {
    const [before, after] = [usual, raised].map(({ found }) => found.boxes.slice(7 * i, 7 * i + 7));
    expect(after[2] - 1.7).toBeCloseTo(before[2], 1);
    expect(Math.hypot(after[0] - before[0], after[1] - before[1])).toBeLessThan(0.1);
  }
});

it("is asked for in metres, or by the road for weights whose road is known", () => {
  const cli = new URL("../dist/cli.js", import.meta.url).pathname;
  const words = (...args: string[]) =>
    spawnSync(process.execPath, [cli, "infer", ...args, "scan.bin"], { encoding: "utf8" });
  expect(words("--pretrained", "second-small-full", "--lift", "up").stderr).toContain(
    'expected metres or road, got "up"',
  );
  const run = words("--run", "somewhere", "--lift", "road");
  expect([run.status, run.stderr]).toEqual([
    2,
    expect.stringContaining("expected --pretrained <name> with --lift road"),
  ]);
  const columns = words("--pretrained", "second-small-full", "--columns", "x,y");
  expect([columns.status, columns.stderr]).toEqual([2, expect.stringContaining("--columns x,y: ")]);
});
