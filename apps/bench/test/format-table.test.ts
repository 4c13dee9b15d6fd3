import { describe, expect, it } from "vitest";
import { digits, formatInference, formatKernels, formatStep } from "../src/format-table.js";
import type { InferenceFigures, StepFigures } from "../src/report.js";

describe("formatKernels", () => {
  it("has a row per kernel, and a dash where a layer did not run", () => {
    const text = formatKernels([
      {
        name: "gemm 2×2×2",
        unit: "GFLOP/s",
        threads: 1,
        goals: { native: 80, wasm: 28 },
        layers: {
          native: { rate: 82.44, percent: 79.6, milliseconds: 1 },
          wasm: { rate: 20, percent: 19.3, milliseconds: 4 },
          typescript: { skipped: "would take too long" },
        },
      },
      {
        name: "copy",
        unit: "GB/s",
        threads: 2,
        goals: {},
        layers: { native: { rate: 123.4, percent: 100, milliseconds: 1 } },
      },
    ]);
    expect(text).toBe(
      [
        "| kernel     | unit    | threads | native |    % | goal | wasm |    % | goal | typescript |  % |",
        "| :--------- | :------ | ------: | -----: | ---: | ---: | ---: | ---: | ---: | ---------: | -: |",
        "| gemm 2×2×2 | GFLOP/s |       1 |   82.4 | 79.6 |   80 | 20.0 | 19.3 |   28 |          – |    |",
        "| copy       | GB/s    |       2 |    123 |  100 |      |    – |      |      |          – |    |",
      ].join("\n"),
    );
  });
});

describe("formatStep", () => {
  const step: StepFigures = {
    config: "tiny",
    entropyLoss: true,
    frames: ["000000", "000010"],
    voxels: 1234,
    stages: { voxelize: 5, rulebooks: 10, targets: 1, forward: 30, losses: 10, backward: 50, optimiser: 10 },
    milliseconds: 100,
    processorMilliseconds: 180,
    lossAdds: { lower: 0.2, median: 0.25, upper: 0.3, count: 8 },
    watchedMilliseconds: 110,
    kernels: [
      { name: "Conv2D", calls: 3, milliseconds: 66, share: 0.6, gflops: 12.34, where: "simd" },
      { name: "ScatterNd", calls: 2, milliseconds: 11, share: 0.1, gflops: 0, where: "stock" },
      { name: "Sin", calls: 1, milliseconds: 0.01, share: 0.0001, gflops: 0, where: "simd" },
      { name: "outside kernels", calls: 0, milliseconds: 32.99, share: 0.2999, gflops: 0, where: "none" },
    ],
    hotStockKernels: ["ScatterNd"],
    floor: {
      multiplyAdds: 2e9,
      observedMultiplyAdds: 2e9,
      bytes: 1e9,
      threads: 2,
      gflops: 200,
      gbytes: 50,
      productMilliseconds: 20,
      bandwidthMilliseconds: 20,
    },
    ratio: 2.5,
    peakResidentBytes: 2 ** 29,
  };

  it("says what a step takes, where, and what it could take", () => {
    const text = formatStep(step);
    expect(text).toContain(
      "## tiny, with the Entropy Loss: 100 ms\nbatch of 2 (000000, 000010), 1234 voxels; 180 ms on the processors;",
    );
    expect(text).toContain("0.50 GiB resident at most\n");
    expect(text).toContain(
      "the loss adds 25.0 % to a step, the median over 8 pairs of steps with and without it (middle half 20.0 to 30.0 %)",
    );
    expect(text).toContain("| backward  | 50.0 |          50.0 |");
    expect(text).toContain("| voxelize  | 5.00 |           5.0 | not in the step");
    expect(text).toContain("2.00 G multiply-adds at 200 GFLOP/s 20.0 ms + 1.00 GB at 50.0 GB/s 20.0 ms");
    expect(text).toContain("the step takes 2.50 times as long");
    expect(text).toContain("hot kernels on the stock backend: ScatterNd");
    expect(text).toContain("| Conv2D          |     3 |  66.0 |          60.0 |    12.3 | simd  |");
    expect(text).toContain("| 1 others        |     1 | 0.010 |           0.0 |");
    expect(text.trimEnd().split("\n").at(-1)).toContain("outside kernels");
    expect(text).not.toContain("PyTorch");
  });

  it("puts PyTorch beside it where it was run", () => {
    const arms = [
      { name: "float32", layout: "channels-last", milliseconds: 160, median: 170 },
      { name: "float32-compiled", failed: "no compiler" },
    ];
    const text = formatStep({ ...step, pytorch: { version: "2.13.0+cpu", arms } });
    expect(text).toMatch(
      /\| PyTorch 2\.13\.0\+cpu, 2 threads +\| maps +\| ms at best \| median \| ours takes, of its best \|/,
    );
    expect(text).toMatch(/\| float32 +\| channels-last +\| +160 \| +170 \| +0\.63 \|/);
    expect(text).toMatch(/\| float32-compiled +\| failed: no compiler \|/);
  });
});

describe("formatInference", () => {
  const figures: InferenceFigures = {
    config: "tiny",
    part: "whole",
    frame: "000010",
    cells: 1234,
    latency: { p50: 100, p99: 120, runs: 80 },
    floor: {
      plainMultiplyAdds: 4e9,
      multiplyAdds: 2e9,
      bytes: 1e9,
      threads: 2,
      gflops: 200,
      gbytes: 50,
      milliseconds: 40,
    },
    ratio: 2.5,
    watchedMilliseconds: 110,
    kernels: [{ name: "FusedConv2D", calls: 3, milliseconds: 66, share: 0.6, gflops: 12.34, where: "simd" }],
  };

  it("says what a pass takes, and what it could take", () => {
    const text = formatInference(figures);
    expect(text).toContain(
      "## inference of tiny, whole: 100 ms at the median, 120 ms at p99\nframe 000010, 1234 cells; 80 runs",
    );
    expect(text).toContain(
      "2.00 G multiply-adds (4.00 G by plain sums) at 200 GFLOP/s + 1.00 GB at 50.0 GB/s: 40.0 ms; ours takes 2.50 times as long",
    );
    expect(text).toContain("| FusedConv2D |     3 | 66.0 |          60.0 |    12.3 | simd |");
    expect(text).not.toContain("ONNX");
  });

  it("puts ONNX Runtime beside it where it was run", () => {
    const onnxruntime = { version: "1.30.0", largestDifference: 2e-6, p50: 200, p99: 160, runs: 80 };
    expect(formatInference({ ...figures, onnxruntime })).toContain(
      "ONNX Runtime 1.30.0, 2 threads, in turn: 200 ms at the median, 160 ms at p99; ours takes 0.50 of its median, 0.75 of its p99; " +
        "head maps within 2e-6 of their largest number",
    );
  });

  it("puts bfloat16 beside float32, and beside ONNX Runtime where that was run, too", () => {
    const bf16 = { largestDifference: 0.004, p50: 70, p99: 90, runs: 80 };
    const alone = formatInference({ ...figures, bf16 });
    expect(alone).toContain(
      "(--precision bf16), in turn: 70.0 ms at the median, 90.0 ms at p99; 0.70 of float32's median, 0.75 of float32's p99; " +
        "head maps within 4e-3 of their largest number",
    );
    expect(alone).not.toContain("ONNX");
    const onnxruntime = { version: "1.30.0", largestDifference: 2e-6, p50: 200, p99: 180, runs: 80 };
    expect(formatInference({ ...figures, bf16, onnxruntime })).toContain(
      "ours takes 0.50 of its median, 0.67 of its p99, in bfloat16 0.35 of its median, 0.50 of its p99; head maps within 2e-6",
    );
  });
});

describe("digits", () => {
  it("gives three", () => {
    expect([0.1234, 1.234, 12.34, 123.4, 1234].map(digits)).toEqual(["0.123", "1.23", "12.3", "123", "1234"]);
  });
});
