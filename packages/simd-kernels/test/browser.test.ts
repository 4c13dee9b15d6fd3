import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describeUnless } from "test-support";
import { chromiumMissing } from "test-support/chromium";
import { expect, it } from "vitest";
import * as node from "../src/index.js";
import { tryLayer, whyNot } from "./layers.js";
import { withPage } from "./with-page.js";

const dist = join(dirname(fileURLToPath(import.meta.url)), "..", "dist");
const wasm = tryLayer("wasm");
const missing = whyNot(wasm) ?? chromiumMissing;

/** Outputs of several operations; needs nothing around it, because its text is sent to the browser. */
function outputsOf(kernels: node.Kernels): Record<string, Float32Array> {
  let state = 7;
  const random = (length: number) =>
    Float32Array.from({ length }, () => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return state / 0x40000000 - 1;
    });
  const shape = {
    ...{ batch: 2, inHeight: 13, inWidth: 11, inChannels: 10, outHeight: 7, outWidth: 6, outChannels: 19 },
    ...{ filterHeight: 3, filterWidth: 3, strideHeight: 2, strideWidth: 2, padTop: 1, padLeft: 1 },
    ...{ dilationHeight: 1, dilationWidth: 1 },
  };
  const [pixels, filter, gradient] = [random(2 * 13 * 11 * 10), random(9 * 10 * 19), random(2 * 7 * 6 * 19)];
  const outputs: Record<string, Float32Array> = {};
  const out = (name: string, length: number) => {
    outputs[name] = new Float32Array(length);
    return outputs[name];
  };
  kernels.gemm(random(37 * 45), random(45 * 29), out("gemm", 37 * 29), { m: 37, n: 29, k: 45 });
  kernels.conv2d(pixels, filter, out("conv2d", gradient.length), shape);
  kernels.conv2dInputGradient(gradient, filter, out("conv2dInputGradient", pixels.length), shape);
  kernels.conv2dFilterGradient(pixels, gradient, out("conv2dFilterGradient", filter.length), shape);
  const map = {
    taps: 2,
    starts: Int32Array.of(0, 5, 8),
    inputs: Int32Array.of(3, 0, 1, 1, 4, 2, 2, 0),
    outputs: Int32Array.of(0, 5, 5, 2, 1, 0, 3, 5),
  };
  const sizes = { map, inRows: 5, outRows: 6, cin: 9, cout: 13 };
  kernels.mappedGemm(random(5 * 9), random(2 * 9 * 13), out("mappedGemm", 6 * 13), sizes);
  const norm = { rows: 50, channels: 21, epsilon: 1e-3, relu: true };
  const [x, gamma, beta, y] = [random(1050), random(21), random(21), out("batchNorm", 1050)];
  const [mean, variance] = [out("mean", 21), out("variance", 21)];
  kernels.batchNormReluForward({ x, gamma, beta }, { out: y, mean, variance }, norm);
  const gradients = {
    ...{ inputGradient: out("dx", 1050), gammaGradient: out("dgamma", 21), betaGradient: out("dbeta", 21) },
  };
  kernels.batchNormReluBackward({ x, outGradient: random(1050), gamma, beta, mean, variance }, gradients, norm);
  kernels.unary(Float32Array.of(0.1, 2, 3, 1e-30), out("rsqrt", 4), { operation: "rsqrt" });
  return outputs;
}

/** Each output's bits. */
const bitsOf = (outputs: Record<string, Float32Array>): Record<string, number[]> =>
  Object.fromEntries(Object.entries(outputs).map(([name, x]) => [name, [...new Uint32Array(x.buffer)]]));

const script = (body: string): string =>
  `(async () => { const api = await import("/browser.js"); const outputsOf = ${outputsOf}; const bitsOf = ${bitsOf}; ${body} })()`;

describeUnless(missing, "the package in headless Chromium", () => {
  it("offers what it offers in Node, and the same bits as WebAssembly there, fused where this engine fuses", async () => {
    const seen = await withPage(dist, (page) =>
      page.evaluate<{
        names: string[];
        early: string;
        layer: string;
        instructionSet: string;
        reasons: string[];
        bits: Record<string, number[]>;
      }>(
        script(`
          let early = "";
          try { api.kernels(); } catch (error) { early = error.message; }
          const kernels = await api.prepareKernels();
          const reasons = kernels.unavailable.map(({ layer, reason }) => layer + ": " + reason);
          const same = kernels === api.kernels() && kernels === await api.prepareKernels();
          return { names: Object.keys(api).sort(), early, layer: kernels.layer + " " + same, instructionSet: kernels.instructionSet, reasons, bits: bitsOf(outputsOf(kernels)) };`),
      ),
    );
    expect(seen.names).toEqual(Object.keys(node).sort());
    expect(seen.early).toContain("`await prepareKernels()` before the first use");
    expect(seen.layer).toBe("wasm true");
    expect(seen.reasons).toEqual(["native: a browser runs no addons"]);
    const expected = bitsOf(outputsOf(tryLayer("wasm", { instructionSet: seen.instructionSet }) as node.Kernels));
    for (const name of Object.keys(expected)) expect(seen.bits[name], name).toEqual(expected[name]);
  });

  it("does without fused multiply-adds where their module is not served", async () => {
    const folder = mkdtempSync(join(tmpdir(), "simd-kernels-browser-"));
    try {
      for (const name of ["browser.js", "simd-kernels.wasm"])
        writeFileSync(join(folder, name), readFileSync(join(dist, name)));
      const seen = await withPage(folder, (page) =>
        page.evaluate<{ instructionSet: string; bits: Record<string, number[]> }>(
          script(`
            const kernels = await api.prepareKernels();
            return { instructionSet: kernels.instructionSet, bits: bitsOf(outputsOf(kernels)) };`),
        ),
      );
      expect(seen.instructionSet).toBe("simd128");
      const expected = bitsOf(outputsOf(wasm as node.Kernels));
      for (const name of Object.keys(expected)) expect(seen.bits[name], name).toEqual(expected[name]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("finds its files beside a bundle that is a classic script, too, in a page and in a worker", async () => {
    const folder = mkdtempSync(join(tmpdir(), "simd-kernels-browser-"));
    try {
      for (const name of ["simd-kernels.wasm", "simd-kernels-fused.wasm"])
        writeFileSync(join(folder, name), readFileSync(join(dist, name)));
      const contents = `
        import { prepareKernels } from "./browser.js";
        const report = prepareKernels().then(({ layer, unavailable }) => [layer, ...unavailable.map(({ reason }) => reason)]);
        if (globalThis.document) globalThis.report = report;
        else report.then(postMessage);`;
      await build({
        stdin: { contents, resolveDir: dist },
        ...{ bundle: true, format: "iife", platform: "browser", logLevel: "silent" },
        outfile: join(folder, "bundle.js"),
      });
      const seen = await withPage(folder, async (page) => {
        await page.addScriptTag({ url: "/bundle.js" });
        return page.evaluate<string[][]>(`Promise.all([
          report,
          new Promise((resolve) => { new Worker("/bundle.js").onmessage = ({ data }) => resolve(data); }),
        ])`);
      });
      const expected = ["wasm", "a browser runs no addons"];
      expect(seen).toEqual([expected, expected]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("falls to TypeScript and says why when the WebAssembly is not served", async () => {
    const folder = mkdtempSync(join(tmpdir(), "simd-kernels-browser-"));
    try {
      writeFileSync(join(folder, "browser.js"), readFileSync(join(dist, "browser.js")));
      const seen = await withPage(folder, (page) =>
        page.evaluate<{ layer: string; reason: string; bits: Record<string, number[]> }>(
          script(`
            const kernels = await api.prepareKernels();
            return { layer: kernels.layer, reason: kernels.unavailable[1].reason, bits: bitsOf(outputsOf(kernels)) };`),
        ),
      );
      expect(seen.layer).toBe("typescript");
      expect(seen.reason).toMatch(/^fetching http.*simd-kernels\.wasm gave status 404$/);
      const expected = bitsOf(outputsOf(node.loadKernels("typescript")));
      for (const name of Object.keys(expected)) expect(seen.bits[name], name).toEqual(expected[name]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
