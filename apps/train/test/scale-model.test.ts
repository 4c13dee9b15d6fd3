import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const scripts = new URL("../../../scripts/", import.meta.url);
const { bytesSent, drawsOf, seeded, simulateStep } = await import(new URL("scale/model.mjs", scripts).href);
const measured = JSON.parse(readFileSync(new URL("scale/measured.json", scripts), "utf8"));

describe("the model of many nodes", () => {
  it("counts what a rank sends, by hand", () => {
    // 12 numbers over 4 ranks are parts of 3, 12 bytes: to three others, of one vector and of the sum
    expect(bytesSent({ numbers: 12, shards: 4, ranks: 4 })).toEqual({ allToAll: 36, allGather: 36 });
    // two shards a rank are two vectors to send
    expect(bytesSent({ numbers: 12, shards: 8, ranks: 4 })).toEqual({ allToAll: 72, allGather: 36 });
    expect(bytesSent({ numbers: 12, shards: 4, ranks: 1 })).toEqual({ allToAll: 0, allGather: 0 });
  });

  it("adds up a step, by hand", () => {
    const passes = [1, 5, 2, 3];
    const job = { numbers: 8, shards: 4, ranks: 2, perNumber: 0.001 };
    const step = simulateStep({ ...job, pass: () => passes.shift()!, network: { latency: 0.5, bandwidth: 16 } });
    // Rank 0 passes for 1 + 2 s, rank 1 for 5 + 3. Both pack 2·8 numbers, exchange 2 parts of 4 numbers (32 bytes), sum 4·4,
    // pass their part round (16 bytes), unpack 8 and ask whether to stop (4 bytes).
    const exchange = 0.016 + (0.5 + 2) + 0.016 + (0.5 + 1) + 0.008 + (0.5 + 0.25);
    expect(step.waiting).toBeCloseTo(8 - 5.5, 12);
    expect(step.exchange).toBeCloseTo(exchange, 12);
    expect(step.seconds).toBeCloseTo(8 + exchange, 12);
  });

  it("takes a ring all-reduce's time where every rank has one shard", () => {
    const [numbers, latency, bandwidth] = [1e6, 1e-5, 1e9];
    for (const ranks of [2, 3, 8, 64]) {
      const job = { numbers, shards: ranks, ranks, perNumber: 0, pass: () => 1 };
      const { exchange } = simulateStep({ ...job, network: { latency, bandwidth } });
      const ring = 2 * (ranks - 1) * (latency + (4 * Math.ceil(numbers / ranks)) / bandwidth);
      const flag = Math.ceil(Math.log2(ranks)) * (latency + 4 / bandwidth);
      expect(exchange).toBeCloseTo(ring + flag, 9);
    }
  });

  it("draws what was measured", () => {
    const draw = drawsOf(measured.frame.spread, seeded());
    const values = Array.from({ length: 20_000 }, draw) as number[];
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(1, 1);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(measured.frame.spread[0]);
    expect(Math.max(...values)).toBeLessThanOrEqual(measured.frame.spread.at(-1));
  });

  it("docs/scale.md shows its table", () => {
    const script = new URL("predict-scale.mjs", scripts).pathname;
    const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });
});
