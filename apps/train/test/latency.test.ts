import { describe, expect, it } from "vitest";
import {
  type FrameTimes,
  formatLatency,
  percentile,
  STAGES,
  startLaps,
  summarizeLatency,
} from "../src/inference/latency.js";

/** A frame whose stages take what is given, in order. */
function frame(...times: [number, number, number, number, number, number]): FrameTimes {
  return Object.fromEntries(STAGES.map((stage, i) => [stage, times[i]])) as unknown as FrameTimes;
}

describe("percentile", () => {
  it("is the smallest value that is enough for so many percent, by hand", () => {
    const values = [15, 20, 35, 40, 50];
    expect([5, 20, 30, 40, 50, 100].map((percent) => percentile(values, percent))).toEqual([15, 15, 20, 20, 35, 50]);
    expect(percentile([7], 50)).toBe(7);
    expect(percentile([7], 99)).toBe(7);
  });

  it("of 1 to 100 is the percent itself, in any order, numbers not sorted as text", () => {
    const values = Array.from({ length: 100 }, (_, i) => ((i * 37) % 100) + 1);
    for (const percent of [1, 2, 50, 99, 100]) expect(percentile(values, percent)).toBe(percent);
  });

  it("of fewer than 100 values, the 99th is the largest; of 100 it is not", () => {
    expect(percentile([...Array<number>(98).fill(1), 9], 99)).toBe(9);
    expect(percentile([...Array<number>(99).fill(1), 9], 99)).toBe(1);
  });

  it("does not reorder what it is given", () => {
    const values = [3, 1, 2];
    percentile(values, 50);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe("summarizeLatency", () => {
  it("by hand: two frames of 100 and 300 ms are 5 frames per second", () => {
    const summary = summarizeLatency([frame(10, 0, 20, 30, 40, 0), frame(10, 100, 0, 90, 100, 0)], 3);
    expect(summary).toMatchObject({ unit: "ms", frames: 2, warmUp: 3, framesPerSecond: 5 });
    expect(summary.frame).toEqual({ p50: 100, p99: 300, mean: 200 });
    expect(summary.stages.read).toEqual({ p50: 10, p99: 10, mean: 10 });
    expect(summary.stages.voxelize).toEqual({ p50: 0, p99: 100, mean: 50 });
    expect(Object.keys(summary.stages)).toEqual([...STAGES]);
    const sum = STAGES.reduce((total, stage) => total + summary.stages[stage].mean, 0);
    expect(sum).toBe(summary.frame.mean);
  });

  it("refuses no frames", () => {
    expect(() => summarizeLatency([], 0)).toThrow("summarizeLatency: expected one frame or more, got none");
  });
});

describe("formatLatency", () => {
  it("is a table with the share of each stage, and says what the p99 of few frames is", () => {
    expect(formatLatency(summarizeLatency([frame(1, 2, 3, 4, 85, 5)], 3))).toBe(
      [
        "latency, ms                 p50      p99     mean share, %",
        "read, crop to view          1.0      1.0      1.0      1.0",
        "voxelize                    2.0      2.0      2.0      2.0",
        "rulebooks                   3.0      3.0      3.0      3.0",
        "encoder                     4.0      4.0      4.0      4.0",
        "backbone, neck, head       85.0     85.0     85.0     85.0",
        "decode, suppression         5.0      5.0      5.0      5.0",
        "frame                     100.0    100.0    100.0    100.0",
        "10.00 frames per second over 1 frame, one after the other; 3 before them, to warm up, are left out",
        "of fewer than 100 frames the p99 is the slowest",
      ].join("\n"),
    );
    const many = Array.from({ length: 100 }, () => frame(1, 1, 1, 1, 1, 1));
    expect(formatLatency(summarizeLatency(many, 0))).not.toContain("the slowest");
  });
});

describe("startLaps", () => {
  it("gives each stage the time since the lap before it", async () => {
    const { lap, times } = startLaps();
    const started = performance.now();
    lap("read");
    await new Promise((resolve) => setTimeout(resolve, 5));
    lap("voxelize");
    const elapsed = performance.now() - started;
    expect(times.voxelize).toBeGreaterThan(times.decode);
    expect(times.voxelize).toBeLessThanOrEqual(elapsed);
    expect(times.decode).toBe(0);
  });
});
