import { afterEach, describe, expect, it } from "vitest";
import { kernels, observeKernels } from "../src/index.js";

afterEach(() => observeKernels(undefined));

describe("observeKernels", () => {
  it("sees each operation with its arguments, around the work", () => {
    const plain = kernels();
    const seen: unknown[] = [];
    const x = Float32Array.of(-1, 2);
    const out = new Float32Array(2);
    observeKernels(({ operation, args }, run) => {
      seen.push(operation, args, [...out]);
      run();
      seen.push([...out]);
    });
    expect(kernels()).toMatchObject({ layer: plain.layer, threads: plain.threads });
    kernels().unary(x, out, { operation: "relu" });
    expect(seen).toEqual(["unary", [x, out, { operation: "relu" }], [0, 0], [0, 2]]);
  });

  it("sees nothing on an object from before, nor after it is taken away, and leaves the plain object in use", () => {
    const plain = kernels();
    let calls = 0;
    observeKernels((_, run) => {
      calls++;
      run();
    });
    const out = new Float32Array(1);
    plain.unary(Float32Array.of(1), out, { operation: "neg" });
    observeKernels(undefined);
    kernels().unary(Float32Array.of(1), out, { operation: "neg" });
    expect(calls).toBe(0);
    expect(kernels()).toBe(plain);
  });

  it("passes errors of the operation on", () => {
    observeKernels((_, run) => run());
    expect(() => kernels().copy(new Float32Array(1), new Float32Array(2))).toThrow("copy: expected 1 entries");
  });
});
