import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { itUnless } from "test-support";
import { describe, expect, it, vi } from "vitest";
import { operationsHeader } from "../scripts/operations-header.js";
import { findOutside } from "../src/check-arguments.js";
import { checkedOperations } from "../src/checked-operations.js";
import type { Layer, Operations } from "../src/index.js";
import { compiledOperations, forOperations, operations } from "../src/operations/index.js";
import { type AnyRun, type KernelArray, listSizes, type Operation, type Size } from "../src/operations/operation.js";
import { tryLayer } from "./layers.js";
import { changed, meaningfulLengths, sampleCalls } from "./sample-calls.js";

// Every operation of the table, whatever it computes: what its entry says must hold on every layer.

const names = Object.keys(operations) as (keyof Operations)[];
const tableOf = (name: keyof Operations): Operation => operations[name];
const sampleOf = (name: keyof Operations): unknown[] => sampleCalls()[name];

/** The arrays of a call by name. */
function arraysOf(name: keyof Operations, args: unknown[]): Record<string, KernelArray> {
  const arrays = tableOf(name).arraysOf(...args);
  return Object.fromEntries(Object.keys(tableOf(name).arrays).map((array, i) => [array, arrays[i]]));
}

const loaded = (["native", "wasm", "typescript"] as const).map((layer): [Layer, ReturnType<typeof tryLayer>] => [
  layer,
  tryLayer(layer),
]);

const replaced = (args: unknown[], arrays: ReadonlyMap<unknown, unknown>) =>
  changed(args, (value) => arrays.get(value)) as unknown[];

/** What every layer throws for these arguments, in the same words and without a change to any array. */
function refusal(name: keyof Operations, args: unknown[]): Error {
  const before = tableOf(name)
    .arraysOf(...args)
    .map((array) => array?.slice?.());
  const errors = loaded.flatMap(([layer, kernels]) => {
    if (typeof kernels === "string") return [];
    try {
      (kernels[name] as AnyRun)(...args);
    } catch (error) {
      return [error as Error];
    }
    throw new Error(`${layer} does not refuse this call of ${name}`);
  });
  expect(
    tableOf(name)
      .arraysOf(...args)
      .map((array) => array?.slice?.()),
  ).toEqual(before);
  expect(new Set(errors.map(({ name: kind, message }) => `${kind}: ${message}`)).size).toBe(1);
  return errors[0];
}

/** Two arrays with the contents of the given ones that begin `offset` bytes apart in one buffer. */
function overlapping(a: KernelArray, b: KernelArray, offset: number): [KernelArray, KernelArray] {
  const buffer = new ArrayBuffer(8 * (a.length + b.length) + offset);
  const [first, second] = [a, b].map((array, i) => {
    const Kind = array.constructor as Float64ArrayConstructor;
    return new Kind(buffer, i * offset, array.length);
  });
  first.set(a);
  second.set(b);
  return [first, second];
}

describe.each(names)("%s", (name) => {
  const { arrays, sizes, shapesOf } = tableOf(name);

  it("lists arrays, shapes and sizes in the order of their names", () => {
    const args = sampleOf(name);
    const own = arraysOf(name, args);
    expect(Object.values(own).every(ArrayBuffer.isView)).toBe(true);
    expect(new Set(Object.values(own)).size).toBe(Object.keys(arrays).length);
    expect(shapesOf(...args)).toHaveLength(Object.keys(arrays).length);
    const positional = args.filter((arg) => ArrayBuffer.isView(arg));
    expect(Object.values(own).filter((array) => positional.includes(array))).toEqual(positional);
    // A property of a struct has the name of the array, or the last part of it.
    changed(args, (value, key) => {
      if (!ArrayBuffer.isView(value) || key === "") return;
      const named = Object.keys(own).find((array) => own[array] === value);
      expect(named?.split(".").at(-1)).toBe(key);
    });
    const values = tableOf(name).sizesOf(...args);
    expect(values).toHaveLength(listSizes(sizes).length);
    listSizes(sizes).forEach(([size], i) => {
      changed(args, (value, key) => {
        if (key === size && !ArrayBuffer.isView(value)) expect(values[i], size).toEqual(value);
      });
    });
    for (const { mayBe } of Object.values(arrays))
      for (const other of mayBe) expect(arrays[other].access).toBe("input");
  });

  it("has the results of its plain form on every layer", () => {
    const expected = sampleOf(name);
    tableOf(name).plain(...expected);
    for (const [layer, kernels] of loaded) {
      if (typeof kernels === "string") continue;
      const args = sampleOf(name);
      (kernels[name] as AnyRun)(...args);
      const [own, plain] = [arraysOf(name, args), arraysOf(name, expected)];
      const written = meaningfulLengths(plain);
      for (const array of Object.keys(arrays))
        own[array].subarray(0, written[array]).forEach((value, i) => {
          const wanted = plain[array][i];
          const near = Number.isFinite(wanted)
            ? Math.abs(value - wanted) <= 1e-5 * (1 + Math.abs(wanted))
            : value === wanted;
          if (!near) expect.fail(`${layer}: ${array}[${i}] is ${value}, not ${wanted}`);
        });
    }
  });

  it("refuses arrays of another kind", () => {
    for (const array of Object.keys(arrays)) {
      const args = sampleOf(name);
      const own = arraysOf(name, args)[array];
      const error = refusal(name, replaced(args, new Map([[own, new Uint8Array(own.length)]])));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toMatch(new RegExp(`^${name}: expected \\w+Array.* for ${array}, got Uint8Array$`));
    }
  });

  it("refuses arrays that are too long", () => {
    const shapes = shapesOf(...sampleOf(name));
    for (const [i, array] of Object.keys(arrays).entries()) {
      if (!shapes[i]) continue;
      const args = sampleOf(name);
      const own = arraysOf(name, args)[array];
      const Kind = own.constructor as Float32ArrayConstructor;
      const error = refusal(name, replaced(args, new Map([[own, new Kind(own.length + 1)]])));
      expect(error).toBeInstanceOf(RangeError);
      expect(error.message).toMatch(new RegExp(`^${name}: expected \\d+ entries \\[`));
    }
  });

  it("refuses an output that shares memory with another array, but for the inputs that it may be", () => {
    const outputs = Object.keys(arrays).filter((array) => arrays[array].access !== "input");
    for (const output of outputs)
      for (const other of Object.keys(arrays)) {
        if (other === output) continue;
        const mayBe = arrays[output].mayBe.includes(other);
        const args = sampleOf(name);
        const own = arraysOf(name, args);
        const [a, b] = overlapping(own[output], own[other], mayBe ? 8 : 0);
        const shared = new Map<unknown, unknown>([
          [own[output], a],
          [own[other], b],
        ]);
        const error = refusal(name, replaced(args, shared));
        expect(error).toEqual(
          new RangeError(`${name}: expected an output apart from its inputs, got overlapping arrays`),
        );
        if (!mayBe) continue;
        for (const [, kernels] of loaded) {
          if (typeof kernels === "string") continue;
          const inPlace = sampleOf(name);
          const { [output]: to, [other]: from } = arraysOf(name, inPlace);
          const apart = sampleOf(name);
          const same = replaced(inPlace, new Map([[to, from]]));
          (kernels[name] as AnyRun)(...apart);
          (kernels[name] as AnyRun)(...same);
          expect(arraysOf(name, same)[output]).toEqual(arraysOf(name, apart)[output]);
        }
      }
  });

  it("refuses sizes and settings that are none", () => {
    const wrongOf = ({ kind }: Size): unknown[] => {
      if (kind === "index") return [-1, 0.5, Number.NaN];
      if (kind === "choice") return ["none"];
      if (kind === "triple") return [[1, -1, 1]];
      return kind === "real" ? ["1"] : [];
    };
    for (const [size, kind] of listSizes(sizes))
      for (const wrong of wrongOf(kind)) {
        const args = sampleOf(name);
        const given = changed(args, (_, key) => (key === size ? wrong : undefined)) as unknown[];
        if (JSON.stringify(given) === JSON.stringify(args)) continue; // it follows from other arguments
        const error = refusal(name, given);
        expect(error).toBeInstanceOf(kind.kind === "real" ? TypeError : RangeError);
        expect(error.message).toMatch(new RegExp(`^${name}: expected .* for (map.)?${size}( y)?, got`));
      }
  });
});

describe("the checks", () => {
  const run = vi.fn();
  const layer = forOperations(() => run);
  const checked = checkedOperations(layer, findOutside);

  it("run nothing that has nothing to write, and judge it all the same", () => {
    const empty = new Float32Array(0);
    checked.gemm(empty, new Float32Array(6), empty, { m: 0, n: 2, k: 3 });
    checked.unary(empty, empty, { operation: "abs" });
    expect(run).not.toHaveBeenCalled();
    expect(() => checked.gemm(empty, new Float32Array(5), empty, { m: 0, n: 2, k: 3 })).toThrow("expected 6 entries");
    expect(() => checked.unary(empty, empty, { operation: "none" as never })).toThrow("for operation, got none");
    checked.gemm(empty, empty, new Float32Array(4), { m: 2, n: 2, k: 0 }); // zeros are to be written
    expect(run).toHaveBeenCalledOnce();
  });
});

describe("the header that the build writes", () => {
  const header = operationsHeader(compiledOperations);

  it("hands arguments over by name", () => {
    expect(header).toContain(`struct GatherRowsArguments {
  Index rows;
  Index columns;
  Index count;
  const float* x;
  const int* indices;
  float* out;
};`);
    expect(header).toContain(`enum class Reduction { sum, mean, max, min };`);
    expect(header).toContain(`    case ${names.indexOf("gatherRows")}:
      return run(GatherRowsArguments{
          .rows = static_cast<Index>(sizes[0]),
          .columns = static_cast<Index>(sizes[1]),
          .count = static_cast<Index>(sizes[2]),
          .x = static_cast<const float*>(arrays[0]),
          .indices = static_cast<const int*>(arrays[1]),
          .out = static_cast<float*>(arrays[2])});`);
  });

  const file = join(dirname(fileURLToPath(import.meta.url)), "..", "dist", "generated", "operations.h");
  itUnless(existsSync(file) ? undefined : "not built", "is that of the built layers", () => {
    expect(readFileSync(file, "utf8")).toBe(header);
  });

  it("refuses two types of one name", () => {
    const size = (names: readonly string[]): Size => ({ kind: "choice", type: "Mode", names });
    const operation = { ...(operations.copy as Operation), sizes: { a: size(["x"]), b: size(["y"]) } };
    expect(() => operationsHeader({ operation })).toThrow("two different types Mode");
  });
});
