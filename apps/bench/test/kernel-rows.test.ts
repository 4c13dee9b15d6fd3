import { describe, expect, it } from "vitest";
import type { Work } from "../src/kernel-bench.js";
import { allKernels } from "../src/kernels/all-kernels.js";
import { openLimits } from "../src/machine-limits.js";
import { runKernels } from "../src/run-kernels.js";

const settings = { threads: 1, quick: true, limits: openLimits({ threads: 1, quick: true, clock: "wall" }) };
const rows = allKernels((full) => full);
const workOf = (name: string): Work => rows.find((row) => row.name === name)!.work;

describe("rows of the table", () => {
  it.each([
    ["gemm 20000×64×64", { flop: 2 * 20_000 * 64 * 64 }],
    ["gemm 512×512×512", { flop: 268_435_456 }],
    ["gemm 512×512×512 of bfloat16", { flop: 268_435_456 }],
    ["multiplyAddChain, in registers of bfloat16", { flop: 4 * 12_288 * 32_000 }],
    // 8800 pixels, 9 taps, 128 by 128 channels, a multiply and an add
    ["conv2d 3×3 [1,100,88,128]→128 forward", { flop: 2_595_225_600 }],
    ["conv2d 3×3 [1,200,176,128]→128 filter gradient", { flop: 10_380_902_400 }],
    ["conv2d 3×3 stride 2 [1,200,176,128]→128 forward", { flop: 2_595_225_600 }], // has 100 × 88 results
    ["conv2d 1×1 [1,200,176,128]→128 input gradient", { flop: 2 * 35_200 * 128 * 128 }],
    ["transposed 2×2 stride 2 [1,100,88,128]→128 forward", { flop: 2 * 8800 * 4 * 128 * 128 }],
    ["mappedGemm 20000×16×16 weight gradient", { flop: 10_240_000 }],
    ["rowPairDistances 128×8800", { flop: 288_358_400 }],
    ["kthNeighbours 128×8800", { flop: 288_358_400 }],
    ["treeNeighbours 10000 in R^3, k = 4", { bytes: 10_000 * (24 + 4 + 48) }],
    ["boundedNeighbours 128×1024 in R^16, k = 4", { bytes: 4 * 128 * 1024 }],
    // 1126400 values of 4 bytes, 3 passes; 5 backward
    ["batch norm + ReLU [1,100,88,128] forward", { bytes: 13_516_800 }],
    ["batch norm + ReLU [1,100,88,128] backward", { bytes: 22_528_000 }],
    ["add [35200,128] and [35200,128]", { bytes: 3 * 4 * 35_200 * 128 }],
    ["adamw 5000000", { bytes: 140_000_000 }],
    ["sortSites 20000", { bytes: 20_000 * (16 + 8 + 4) }],
    ["gatherRows 20000×64", { bytes: 2 * 5_120_000 + 80_000 }],
  ])("%s: work by hand", (name, work) => {
    expect(workOf(name)).toEqual(work);
  });

  it("have names of their own", () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  });

  it("run on plain TypeScript and WebAssembly with the same results, at tiny sizes", () => {
    const tiny = allKernels((full) => Math.ceil(full / 64));
    const seen: string[] = [];
    const figures = runKernels(tiny, {
      layers: ["typescript", "wasm"],
      ...settings,
      onRow: (name) => seen.push(name),
    });
    expect(seen).toEqual(tiny.map(({ name }) => name));
    const inFloat32 = figures.filter((_, i) => tiny[i].precision !== "bfloat16");
    expect(inFloat32.length).toBeLessThan(figures.length);
    for (const { name, layers } of inFloat32)
      for (const layer of ["typescript", "wasm"] as const) {
        const figure = layers[layer]!;
        if (layer === "wasm" && "skipped" in figure) continue; // not built here
        expect(figure, `${name} on ${layer}`).toEqual({
          rate: expect.any(Number),
          percent: expect.any(Number),
          milliseconds: expect.any(Number),
        });
      }
  });

  it("say when a layer computes something else", () => {
    const wrong = {
      name: "wrong",
      threads: "one" as const,
      work: { flop: 1 },
      prepare: () => {
        const out = new Float32Array(1);
        return { out, run: ({ layer }: { layer: string }) => void out.fill(layer === "wasm" ? 2 : 1) };
      },
    };
    const run = () => runKernels([wrong], { layers: ["typescript", "wasm"], ...settings });
    const wasmIsHere = !("skipped" in runKernels([rows[1]], { layers: ["wasm"], ...settings })[0].layers.wasm!);
    if (wasmIsHere) expect(run).toThrow("wrong on wasm: expected 1 at 0 as on the layer before, got 2");
  });
});
