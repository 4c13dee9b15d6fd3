import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { goldenPath, readNpy, seededRandom, skipNote } from "../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "test-support-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("seededRandom", () => {
  it("gives the numbers of mulberry32", () => {
    const rng = seededRandom(1);
    // the published generator's first numbers for seed 1, times 2³²
    expect([rng(), rng(), rng()].map((value) => value * 2 ** 32)).toEqual([2693262067, 11749833, 2265367787]);
  });

  it("is uniform in [0, 1), and another for another seed", () => {
    const rng = seededRandom(7);
    const tenths = new Array(10).fill(0);
    for (let i = 0; i < 10000; i++) tenths[Math.floor(10 * rng())]++;
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(5 * 30); // five standard deviations
    expect(seededRandom(8)()).not.toBe(seededRandom(7)());
  });
});

describe("golden data", () => {
  it("that is not there is said to be so", () => {
    expect(goldenPath("golden/none")).toBeUndefined();
    expect(skipNote("golden/none")).toBe(" [skipped: golden/none is not on this machine]");
  });
});

describe("readNpy", () => {
  const npy = (header: string, body: Float32Array) => {
    const padded = header.padEnd(117) + "\n";
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
