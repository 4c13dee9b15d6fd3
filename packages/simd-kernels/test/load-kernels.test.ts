import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeUnless, itUnless } from "test-support";
import { describe, expect, it } from "vitest";
import { type Kernels, kernels, type Layer, loadKernels } from "../src/index.js";
import { tryLayer, whyNot } from "./layers.js";

const dist = join(dirname(fileURLToPath(import.meta.url)), "..", "dist");

/** Runs a script in a Node process of its own, with the built package as `api`; returns what it prints. */
function runNode(script: string, environment: Record<string, string>, form: "esm" | "cjs" = "esm"): string {
  const load =
    form === "esm"
      ? `const api = await import(${JSON.stringify(join(dist, "index.js"))});`
      : `const api = require(${JSON.stringify(join(dist, "index.cjs"))});`;
  const args = [`--input-type=${form === "esm" ? "module" : "commonjs"}`, "-e", `${load}\n${script}`];
  return execFileSync(process.execPath, args, {
    encoding: "utf8",
    env: { ...process.env, ...environment },
    timeout: 60_000,
  });
}

/** Those that this processor has, best first: what the error for an unknown one lists. */
function addonInstructionSets(): string[] {
  try {
    loadKernels("native", { instructionSet: "none" });
  } catch (error) {
    return /one of (.*) for instructionSet/.exec((error as Error).message)![1].split(", ");
  }
  throw new Error("internal: an instruction set without a name");
}

const product = `
  const out = new Float32Array(90000);
  const ones = new Float32Array(90000).fill(1);
  const active = api.kernels();
  active.gemm(ones, ones, out, { m: 300, n: 300, k: 300 });
  console.log(active.layer, active.threads, out[0], out[89999]);`;

describe("kernels", () => {
  it("names the active layer and why a faster one is not", () => {
    const active = kernels();
    const order: Layer[] = ["native", "wasm", "typescript"];
    expect(active.unavailable.map(({ layer }) => layer)).toEqual(order.slice(0, order.indexOf(active.layer)));
    for (const { reason } of active.unavailable) expect(reason).not.toBe("");
    expect(kernels()).toBe(active);
  });

  it("always has the TypeScript layer", () => {
    expect(loadKernels("typescript")).toMatchObject({ layer: "typescript", instructionSet: "none", threads: 1 });
  });

  it("refuses unknown layers and thread counts", () => {
    expect(() => loadKernels("gpu" as never)).toThrow(
      "loadKernels: expected one of native, wasm, typescript for layer, got gpu",
    );
    expect(() => loadKernels("typescript", { threads: 0 })).toThrow(
      "loadKernels: expected an integer of at least 1 for threads, got 0",
    );
  });

  itUnless(whyNot(tryLayer("native")), "refuses instruction sets that it does not have", () => {
    expect(() => loadKernels("native", { instructionSet: "mmx" })).toThrow("for instructionSet, got mmx");
  });

  itUnless(whyNot(tryLayer("native")), "takes AMX for who names it alone", () => {
    expect(addonInstructionSets()[0]).not.toBe("amx");
    const named = tryLayer("native", { instructionSet: "amx" });
    if (typeof named === "string") expect(named).toContain("for instructionSet, got amx");
    else expect(named).toMatchObject({ instructionSet: "amx", multipliesBfloat16: true });
  });

  itUnless(whyNot(tryLayer("wasm")), "takes WebAssembly of fused multiply-adds for who names it alone", () => {
    expect(loadKernels("wasm").instructionSet).toBe("simd128");
    const named = tryLayer("wasm", { instructionSet: "simd128fma" });
    if (typeof named === "string") expect(named).toContain("no relaxed SIMD whose multiply-add rounds once");
    else expect(named.instructionSet).toBe("simd128fma");
    expect(() => loadKernels("wasm", { instructionSet: "mmx" })).toThrow(
      "expected one of simd128, simd128fma for instructionSet, got mmx",
    );
  });

  for (const layer of ["native", "wasm", "typescript"] as const) {
    const loaded = tryLayer(layer);
    describeUnless(whyNot(loaded), `createArray of ${layer}`, () => {
      const { createArray } = loaded as Kernels;

      it.each([0, 1, 15, 16, 4097])("gives %i zeros that kernels take", (length) => {
        const [x, out] = [createArray(length), createArray(length)];
        expect([...x]).toEqual(Array(length).fill(0));
        x.fill(2);
        (loaded as Kernels).unary(x, out, { operation: "square" });
        expect([...out]).toEqual(Array(length).fill(4));
        expect(x.buffer).not.toBe(out.buffer);
      });

      it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses a length of %d", (length) => {
        expect(() => createArray(length)).toThrow(
          `createArray: expected a whole number of at least 0 for length, got ${length}`,
        );
      });
    });

    describeUnless(whyNot(loaded), `the built package, ${layer}`, () => {
      it.each(["esm", "cjs"] as const)("computes when it is forced, as %s, and lets the process end", (form) => {
        const environment = { SIMD_KERNELS_LAYER: layer, SIMD_KERNELS_THREADS: "3" };
        const threads = layer === "native" ? 3 : 1;
        expect(runNode(product, environment, form)).toBe(`${layer} ${threads} 300 300\n`);
      });

      // With one thread an operation runs beside others, with more it waits for the pool.
      it.each(["1", "2"])("computes in worker threads that come and go, each with %s threads", (threads) => {
        const script = `
          const { Worker } = require("node:worker_threads");
          const code = ${JSON.stringify(`const api = require(${JSON.stringify(join(dist, "index.cjs"))});${product}`)};
          const start = () => new Promise((end) => new Worker(code, { eval: true }).on("exit", end));
          (async () => {
            const codes = [await start(), ...(await Promise.all([start(), start(), start()])), await start()];
            console.log(codes.join());
          })();`;
        const lines = runNode(script, { SIMD_KERNELS_LAYER: layer, SIMD_KERNELS_THREADS: threads }, "cjs")
          .trim()
          .split("\n");
        expect(lines.filter((line) => line.startsWith(`${layer} `) && line.endsWith("300 300"))).toHaveLength(5);
        expect(lines.at(-1)).toBe("0,0,0,0,0");
      });
    });
  }

  itUnless(whyNot(tryLayer("native")), "uses the instruction set that the environment names, or nothing", () => {
    const script = `try { console.log(api.kernels().instructionSet); } catch (error) { console.log(error.message); }`;
    const others = addonInstructionSets().slice(1);
    for (const instructionSet of others) {
      expect(runNode(script, { SIMD_KERNELS_INSTRUCTION_SET: instructionSet }).trim()).toBe(instructionSet);
    }
    expect(runNode(script, { SIMD_KERNELS_INSTRUCTION_SET: "mmx" })).toContain("for instructionSet, got mmx");
  });

  it("says that a forced layer is unknown", () => {
    const script = `try { api.kernels(); } catch (error) { console.log(error.message); }`;
    expect(runNode(script, { SIMD_KERNELS_LAYER: "gpu" })).toContain("got gpu");
  });

  it.each(["typescript", ""])("names a wrong SIMD_KERNELS_THREADS and its value, with the layer '%s'", (layer) => {
    const script = `try { api.kernels(); } catch (error) { console.log(error.message); }`;
    for (const threads of ["many", "0", "1.5"]) {
      expect(runNode(script, { SIMD_KERNELS_LAYER: layer, SIMD_KERNELS_THREADS: threads })).toBe(
        `loadKernels: expected an integer of at least 1 for SIMD_KERNELS_THREADS, got ${threads}\n`,
      );
    }
    const given = `try { api.loadKernels("typescript", { threads: 0 }); } catch (error) { console.log(error.message); }`;
    expect(runNode(given, { SIMD_KERNELS_THREADS: "4" })).toBe(
      "loadKernels: expected an integer of at least 1 for threads, got 0\n",
    );
  });
});
