import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  backendNotWanted,
  expectClose,
  expectGradient,
  expectPrinted,
  findExample,
  findExamples,
  goldenMissing,
  goldenPath,
  normalSamples,
  randomFloats,
  readNpy,
  readSafetensors,
  runMain,
  seededRandom,
  slopeAtZero,
  temporaryFolder,
  withReason,
} from "../src/index.js";

const folder = temporaryFolder("test-support");

describe("random numbers", () => {
  it("are those of mulberry32", () => {
    const rng = seededRandom(1);
    // the published generator's first numbers for seed 1, times 2³²
    expect([rng(), rng(), rng()].map((value) => value * 2 ** 32)).toEqual([2693262067, 11749833, 2265367787]);
  });

  it("are uniform in [0, 1), and others for another seed", () => {
    const rng = seededRandom(7);
    const tenths = new Array(10).fill(0);
    for (let i = 0; i < 10000; i++) tenths[Math.floor(10 * rng())]++;
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(5 * 30); // five standard deviations
    expect(seededRandom(8)()).not.toBe(seededRandom(7)());
  });

  it("fill −1..1, or a bell", () => {
    const floats = randomFloats(seededRandom(3), 10000);
    expect(Math.min(...floats)).toBeLessThan(-0.99);
    expect(Math.max(...floats)).toBeGreaterThan(0.99);
    const normal = normalSamples(seededRandom(4), 10000);
    const moment = (power: number) => normal.reduce((sum, v) => sum + v ** power / 10000, 0);
    // five standard deviations of each mean: of v, v² and v⁴
    expectClose([moment(1), moment(2), moment(4)], [0, 1, 3], { absolute: 0.05, relative: 0.15 });
    expect(floats.every((v) => v >= -1 && v < 1)).toBe(true);
  });
});

describe("expectClose", () => {
  it("adds up what each part allows", () => {
    expectClose([10.2, -0.1], [10, 0], { relative: 0.01, absolute: 0.1 + 1e-12 });
    expectClose([10.2, -0.2], [10, 0], { ofLargest: 0.02 + 1e-12 });
    expectClose([1e-3], [0], { ofLargest: 1e-3 });
    expectClose(1.5, 1.5, {});
    const tight = () => expectClose([10.2, -0.2], [10, 0], { relative: 0.02 + 1e-12, label: "sums" });
    expect(tight).toThrow("sums: number 1 is -0.2, expected 0 ± 0");
  });

  it("takes what is not finite as it is, in any tolerance", () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    expectClose([...odd, -0], [...odd, 0], {});
    for (const [is, wanted] of [odd, [0, Number.NaN], [Number.NaN, 0], [odd[1], 1e300], [odd[1], odd[2]]]) {
      expect(() => expectClose([is], [wanted], { relative: 1, absolute: 1, ofLargest: 1 })).toThrow("number 0 is");
    }
  });

  it("refuses other lengths, and a number for an array", () => {
    expect(() => expectClose([1], [1, 2], { absolute: 9 })).toThrow("expected 2 numbers, got 1");
    expect(() => expectClose(1, [1], { absolute: 9 })).toThrow("expected two numbers or two arrays");
  });
});

describe("expectGradient", () => {
  const cubes = (x: Float64Array) => x.reduce((sum, v) => sum + v ** 3, 0);
  const at = [1, -2, 0.5, 3];

  it("knows a gradient, whole or in part", () => {
    expect(slopeAtZero((by) => (2 + by) ** 3, 0.5)).toBe(12.25); // 3·2² + step²
    expectGradient([3, 12, 0.75, 27], cubes, { at, ofLargest: 1e-9 });
    expectGradient([3, 0, 0.75, 0], cubes, { at, every: 2, ofLargest: 1e-9 });
  });

  it("names an entry that is none", () => {
    expect(() => expectGradient([3, 12, 0.8, 27], cubes, { at, absolute: 0.01 })).toThrow("gradient: number 2 is 0.8");
    expect(() => expectGradient([3, 12], cubes, { at, absolute: 9 })).toThrow("expected 4 numbers, got 2");
  });
});

describe("golden data", () => {
  it("that is not there is said to be so", () => {
    expect(goldenPath("golden/none")).toBeUndefined();
    expect(goldenMissing("golden/none", "nothing")).toBe("golden/none is not on this machine");
    expect(goldenMissing()).toBeUndefined();
    expect(withReason("all of it", goldenMissing("golden/none"))).toBe(
      "all of it [skipped: golden/none is not on this machine]",
    );
    expect(withReason("all of it", undefined)).toBe("all of it");
    expect(backendNotWanted("abacus")).toContain("pnpm test:backends abacus");
  });
});

describe("readNpy", () => {
  const npy = (header: string, body: Float32Array) => {
    const padded = `${header.padEnd(117)}\n`;
    const start = Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, padded.length, 0]);
    const path = join(folder, "array.npy");
    writeFileSync(path, Buffer.concat([start, Buffer.from(padded, "latin1"), Buffer.from(body.buffer)]));
    return path;
  };

  it("reads an array by hand", () => {
    const path = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }", Float32Array.of(1.5, -2));
    expect(readNpy(path)).toEqual({ shape: [2, 1], data: Float32Array.of(1.5, -2) });
  });

  it("refuses what it does not know", () => {
    const path = npy("{'descr': '<i4', 'fortran_order': False, 'shape': (1,), }", Float32Array.of(1));
    expect(() => readNpy(path)).toThrow(/array\.npy: expected little-endian float32 or float64/);
  });
});

describe("readSafetensors", () => {
  const write = (dtype: string) => {
    const a = { dtype, shape: [2, 1], data_offsets: [4, 12] };
    const header = JSON.stringify({ __metadata__: {}, a, b: { dtype: "I32", shape: [], data_offsets: [0, 4] } });
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const path = join(folder, "two.safetensors");
    const numbers = [Int32Array.of(-7), Float32Array.of(1.5, -2)].map(({ buffer }) => Buffer.from(buffer));
    writeFileSync(path, Buffer.concat([length, Buffer.from(header), ...numbers]));
    return path;
  };

  it("reads two tensors by hand", () => {
    const tensors = readSafetensors(write("F32"));
    expect(tensors.get("a")).toEqual({ shape: [2, 1], data: Float32Array.of(1.5, -2) });
    expect(tensors.get("b")).toEqual({ shape: [], data: Int32Array.of(-7) });
    expect(tensors.size).toBe(2);
  });

  it("refuses other numbers", () => {
    expect(() => readSafetensors(write("F64"))).toThrow("expected F32 or I32 for a, got F64");
  });
});

it("runMain keeps what a command writes, and its status", async () => {
  const main = async (
    argv: readonly string[],
    { stdout, stderr }: Record<"stdout" | "stderr", (text: string) => void>,
  ) => {
    for (const word of argv) stdout(word);
    stderr("done");
    return 3;
  };
  expect(await runMain(main, ["a", "b"])).toEqual({ status: 3, stdout: "ab", stderr: "done" });
});

describe("README examples", () => {
  it("are code and the block after it", () => {
    const markdown = "# x\n\n```sh\nnpm i\n```\n\n```js\na;\nb;\n```\n\nprints\n\n```text\n1\n```\n\n```ts\nc;\n```\n";
    expect(findExample(markdown)).toEqual({ code: "a;\nb;\n", output: "1\n" });
    expect(findExamples(`${markdown}\n\`\`\`sh\nls\n\`\`\`\n\n${markdown}`)).toEqual([
      { code: "a;\nb;\n", output: "1\n" },
      { code: "a;\nb;\n", output: "1\n" },
    ]);
    for (const find of [findExample, findExamples])
      expect(() => find("```js\na;\n```\n")).toThrow("expected a block of js or ts, and one of its output");
  });

  it("print the same words and whole numbers, and other numbers to four digits", () => {
    expectPrinted("3 boxes, 0.12345\n\n", "3 boxes, 0.12346\n");
    expect(() => expectPrinted("3 boxes", "4 boxes")).toThrow("printed number 0: number 0 is 3, expected 4");
    expect(() => expectPrinted("3 boxes, 0.123", "3 boxes, 0.124")).toThrow("printed number 1: number 0 is 0.123");
    expect(() => expectPrinted("3 boxes", "3 voxels")).toThrow();
    expect(() => expectPrinted("3 4", "3")).toThrow();
  });
});

describe("temporaryFolder", () => {
  let gone = "";
  describe("of a suite", () => {
    const own = temporaryFolder("test-support-suite");
    it("is there for its tests", () => {
      gone = own;
      expect(existsSync(own)).toBe(true);
    });
  });
  it("is gone after them", () => expect(existsSync(gone)).toBe(false));
});
