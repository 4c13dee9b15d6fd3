import { spawnSync } from "node:child_process";
import { kernels } from "simd-kernels";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const cli = new URL("../dist/cli.js", import.meta.url).pathname;
const tiny = new URL("../../train/test/fixtures/tiny.yaml", import.meta.url).pathname;

function bench(...args: string[]) {
  return spawnSync(process.execPath, [cli, ...args], { encoding: "utf8", cwd: new URL("..", import.meta.url) });
}

const positive = z.number().positive();
const rates = z.strictObject({ threads: z.int().min(1), gflops: positive, gbytes: positive });
const figure = z.union([
  z.strictObject({ rate: positive, percent: positive, milliseconds: positive }),
  z.strictObject({ skipped: z.string().min(1) }),
]);
const goals = z.strictObject({ native: positive.optional(), wasm: positive.optional() });
const latency = z.strictObject({ p50: positive, p99: positive, runs: z.int().min(1) });
const kernelShare = z.strictObject({
  name: z.string(),
  calls: z.int().min(0),
  milliseconds: z.number(),
  share: z.number().max(1),
  gflops: z.number().min(0),
  where: z.enum(["simd", "stock", "both", "direct", "none"]),
});
const report = z.strictObject({
  machine: z.strictObject({
    date: z.iso.date(),
    processor: z.string(),
    processors: z.int().min(1),
    node: z.string(),
    threads: z.int().min(1),
    clock: z.literal("processor"),
    layers: z.record(z.string(), z.string()),
    quick: z.boolean(),
  }),
  limits: z.strictObject({ layer: z.enum(["native", "wasm", "typescript"]), one: rates, all: rates }),
  kernels: z.array(
    z.strictObject({
      name: z.string(),
      unit: z.enum(["GFLOP/s", "GB/s"]),
      threads: z.int().min(1),
      goals,
      layers: z.partialRecord(z.enum(["native", "wasm", "typescript"]), figure),
    }),
  ),
  steps: z.array(
    z.strictObject({
      config: z.string(),
      entropyLoss: z.boolean(),
      frames: z.array(z.string()),
      voxels: positive,
      stages: z.strictObject({
        voxelize: positive,
        rulebooks: positive,
        targets: positive,
        forward: positive,
        losses: positive,
        backward: positive,
        optimiser: positive,
      }),
      milliseconds: positive,
      processorMilliseconds: positive,
      lossAdds: z
        .strictObject({ lower: z.number(), median: z.number(), upper: z.number(), count: positive })
        .optional(),
      watchedMilliseconds: positive,
      kernels: z.array(kernelShare),
      hotStockKernels: z.array(z.string()),
      floor: z.strictObject({
        multiplyAdds: positive,
        observedMultiplyAdds: positive,
        bytes: positive,
        threads: z.literal(1),
        gflops: positive,
        gbytes: positive,
        productMilliseconds: positive,
        bandwidthMilliseconds: positive,
      }),
      ratio: positive,
      peakResidentBytes: positive,
    }),
  ),
  inference: z.array(
    z.strictObject({
      config: z.string(),
      part: z.enum(["whole", "2D part"]),
      frame: z.string(),
      cells: positive,
      latency,
      bf16: latency.extend({ largestDifference: positive.max(0.1) }).optional(),
      onnxruntime: latency
        .extend({ version: z.string().regex(/^\d+\.\d+/), largestDifference: z.number().max(1e-4) })
        .optional(),
      floor: z.strictObject({
        plainMultiplyAdds: positive,
        multiplyAdds: positive,
        bytes: positive,
        threads: z.literal(1),
        gflops: positive,
        gbytes: positive,
        milliseconds: positive,
      }),
      ratio: positive,
      watchedMilliseconds: positive,
      kernels: z.array(kernelShare),
    }),
  ),
});

describe("bench", () => {
  it("--help explains itself", () => {
    const { stdout, status } = bench("--help");
    expect(status).toBe(0);
    for (const option of [
      "--only",
      "--kernel",
      "--layers",
      "--threads",
      "--clock",
      "--config",
      "--data",
      "--pytorch",
      "--precision",
      "--arms",
      "--onnxruntime",
      "--seconds",
      "--quick",
      "--json",
    ]) {
      expect(stdout).toContain(option);
    }
    expect(stdout).toContain("Examples:");
  });

  it("prints one table of kernels on standard output and progress elsewhere", () => {
    const { stdout, stderr, status } = bench(
      "--only",
      "kernels",
      "--kernel",
      "gemm",
      "--layers",
      "typescript",
      "--quick",
    );
    expect(stderr).toMatch(/kernel 1\/[24]: gemm 1250×64×64\n/); // four where the processor multiplies bfloat16
    expect(status).toBe(0);
    expect(stdout.split("\n").filter((line) => line.startsWith("| kernel"))).toHaveLength(1);
    expect(stdout).toContain("| gemm 32×32×32 ");
  });

  it("--json holds kernels and steps; the layers' multiply-adds are those that the kernels were asked for", () => {
    const args = [
      "--kernel",
      "relu",
      "--layers",
      "typescript",
      "--threads",
      "1",
      "--clock",
      "processor",
      "--config",
      tiny,
      "--quick",
      "--json",
    ];
    const { stdout, stderr, status } = bench(...args);
    expect(stderr).toContain("simulated scenes");
    expect(status).toBe(0);
    const { kernels, steps, inference } = report.parse(JSON.parse(stdout));
    expect(kernels.map(({ name }) => name)).toEqual(["relu [2200,128]"]);
    expect(steps.map(({ config, entropyLoss }) => [config, entropyLoss])).toEqual([
      ["tiny", false],
      ["tiny", true],
    ]);
    const [without, withLoss] = steps;
    // Kernels may do more, such as a gradient that nobody needs, but hardly.
    const surplus = without.floor.observedMultiplyAdds / without.floor.multiplyAdds - 1;
    expect(surplus).toBeGreaterThanOrEqual(0);
    expect(surplus).toBeLessThan(0.05);
    expect(withLoss.floor.multiplyAdds).toBeGreaterThan(without.floor.multiplyAdds);
    expect(without.kernels.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["Conv2D", "SparseConvolutionWeightGrad", "outside kernels"]),
    );
    expect(withLoss.lossAdds).toBeDefined();
    expect(inference.map(({ config, part, onnxruntime }) => [config, part, onnxruntime])).toEqual([
      ["tiny", "2D part", undefined],
    ]);
  });

  it("--onnxruntime runs the same inference there, of the whole detector where it has pillars", () => {
    const args = ["--only", "infer", "--config", `${tiny},pointpillars-mini`, "--threads", "1", "--clock", "processor"];
    const { stdout, stderr, status } = bench(...args, "--quick", "--onnxruntime", "--json");
    expect(stderr).toContain("inference: pointpillars-mini");
    expect(status).toBe(0);
    const { kernels, steps, inference } = report.parse(JSON.parse(stdout));
    expect([kernels, steps]).toEqual([[], []]);
    expect(inference.map(({ config, part, onnxruntime }) => [config, part, onnxruntime?.runs])).toEqual([
      ["tiny", "2D part", 1],
      ["pointpillars-mini", "whole", 1],
    ]);
  });

  it("--precision bf16 runs inference in it, too, or says what is missing", () => {
    const args = ["--only", "infer", "--config", tiny, "--threads", "1", "--clock", "processor", "--precision", "bf16"];
    const { stdout, stderr, status } = bench(...args, "--quick", "--json");
    if (!kernels().multipliesBfloat16) {
      expect(stderr).toContain("--precision bf16: products are float32, not bf16");
      expect(status).toBe(1);
      return;
    }
    expect(status).toBe(0);
    const [{ bf16, onnxruntime }] = report.parse(JSON.parse(stdout)).inference;
    expect([bf16?.runs, onnxruntime]).toEqual([1, undefined]);
  });

  it.each([
    [["--layers", "gpu"], 'expected some of native,wasm,typescript, got "gpu"'],
    [["--threads", "0"], 'expected a whole number from 1 to 256, got "0"'],
    [["--data", "/nowhere"], "--data /nowhere: expected frames 000000 and 000010"],
    [["--config", "other"], "--config other: expected one of second-mini, second-small, second-kitti, "],
    [["--only", "kernels", "--kernel", "xyz", "--quick"], "--kernel xyz: no row contains that text"],
    [["--arms", "float64"], 'expected some of float32,bfloat16,float32-compiled,bfloat16-compiled, got "float64"'],
    [["--seconds", "0"], 'expected a number from 1 to 3600, got "0"'],
  ])("%s is an error of one line", (args, message) => {
    const { stderr, status } = bench(...args);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
  });

  it("--pytorch says what to do where that Python is not there or lacks PyTorch", () => {
    const { stderr, status } = bench("--only", "step", "--config", tiny, "--quick", "--pytorch", "no-such-python");
    expect(stderr).toContain("--pytorch no-such-python: expected a Python that can run the peer (pip install torch)");
    expect(status).toBe(1);
  });
});
