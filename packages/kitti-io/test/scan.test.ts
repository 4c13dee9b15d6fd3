import { execFileSync } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { encodeScan, parseScan, readScan, writeScan } from "../src/index.js";
import { inTemporaryFolder } from "./synthetic.js";

/** 1.0, -2.0, 0.5 and 0.25 as little-endian float32. */
const onePoint = Uint8Array.of(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0, 0x3f, 0, 0, 0x80, 0x3e);

function bytesOf(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

describe("parseScan and encodeScan", () => {
  it("by hand: one point", () => {
    expect([...parseScan(onePoint)]).toEqual([1, -2, 0.5, 0.25]);
    expect(encodeScan(Float32Array.of(1, -2, 0.5, 0.25))).toEqual(onePoint);
  });

  it("no bytes are no points", () => {
    expect(parseScan(new Uint8Array(0)).length).toBe(0);
    expect(encodeScan(new Float32Array(0)).length).toBe(0);
  });

  it("reads bytes that lie at an odd offset, and shares no memory with them", () => {
    const shifted = new Uint8Array(17);
    shifted.set(onePoint, 1);
    const points = parseScan(shifted.subarray(1));
    expect([...points]).toEqual([1, -2, 0.5, 0.25]);
    shifted.fill(0);
    expect(points[0]).toBe(1);
  });

  it.each([1, 2, 3])("parse after encode is the identity, seed %i", (seed) => {
    const rng = seededRandom(seed);
    const points = Float32Array.from({ length: 4 * 257 }, () => (rng() - 0.5) * 10 ** (rng() * 60 - 30));
    expect(parseScan(encodeScan(points))).toEqual(points);
  });

  it.each([1, 15, 17, 31])("refuses %i bytes", (length) => {
    const call = () => parseScan(new Uint8Array(length), "a.bin");
    expect(call).toThrow(
      `parseScan: a.bin: expected a multiple of 16 bytes for the size, got ${length} (${length % 16}`,
    );
  });

  it("names the first number that is not finite and its byte offset", () => {
    const { NaN: nan, NEGATIVE_INFINITY: minus } = Number;
    expect(() => parseScan(bytesOf(0, 0, 0, 0, 1, nan, 3, minus), "a.bin")).toThrow(
      "parseScan: a.bin: byte offset 20: expected a finite y for point 1, got NaN",
    );
    expect(() => parseScan(bytesOf(0, 0, 0, minus))).toThrow(
      "parseScan: byte offset 12: expected a finite intensity for point 0, got -Infinity",
    );
  });

  it("drops points that are not finite on request", () => {
    const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
    const bytes = bytesOf(nan, 0, 0, 0, 1, 2, 3, 4, 0, inf, 0, 0, -5, 6, -0, 8, 0, 0, 0, nan);
    expect([...parseScan(bytes, undefined, { nonFinite: "drop" })]).toEqual([1, 2, 3, 4, -5, 6, -0, 8]);
    expect(parseScan(bytesOf(nan, nan, nan, nan), undefined, { nonFinite: "drop" }).length).toBe(0);
  });

  it("refuses a text, whatever it is, if its length would do", () => {
    for (const start of [
      "# .PCD v0.7 - Point Cloud Data file format\nVERSION 0.7\nFIELDS x y z i",
      "1.5 2.5 -1.75 0.25\n".repeat(4),
    ]) {
      const bytes = new TextEncoder().encode(start.padEnd(160));
      expect(() => parseScan(bytes, "a.bin")).toThrow(
        `parseScan: a.bin: byte offset 0: expected float32 numbers, got a text that begins with ${JSON.stringify(start.slice(0, 40))}`,
      );
    }
    // Numbers whose bytes are letters, of fewer than four points, are numbers.
    expect(parseScan(new TextEncoder().encode("abcdefghijklmnop")).length).toBe(4);
  });

  it("refuses wrong arguments", () => {
    expect(() => parseScan([] as unknown as Uint8Array)).toThrow(TypeError);
    expect(() => parseScan(onePoint, "", { nonFinite: "keep" as "drop" })).toThrow(
      '"error" or "drop" for nonFinite, got keep',
    );
    expect(() => encodeScan([1] as unknown as Float32Array)).toThrow(TypeError);
    expect(() => encodeScan(new Float32Array(3))).toThrow(
      "encodeScan: expected a multiple of 4 for the length of points, got 3",
    );
    expect(() => encodeScan(Float32Array.of(0, 0, Number.NaN, 0))).toThrow(
      "encodeScan: expected a finite z for point 0, got NaN",
    );
  });
});

describe("readScan and writeScan", () => {
  it("write, then read, and leave no temporary file", () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, "a.bin");
      await writeScan(path, Float32Array.of(9, 9, 9, 9, 9, 9, 9, 9));
      await writeScan(path, Float32Array.of(1, 2, 3, 4));
      expect([...(await readScan(path))]).toEqual([1, 2, 3, 4]);
      expect(await readdir(folder)).toEqual(["a.bin"]);
    }));

  it("a failed write leaves the old file, and no temporary one", () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, "a.bin");
      await writeScan(path, Float32Array.of(1, 2, 3, 4));
      await expect(writeScan(path, Float32Array.of(Number.NaN, 0, 0, 0))).rejects.toThrow("expected a finite x");
      await expect(writeScan(join(folder, "none", "a.bin"), new Float32Array(0))).rejects.toThrow(
        "a.bin: expected to write the scan, got no such file or folder",
      );
      await expect(writeScan(folder, new Float32Array(4))).rejects.toThrow("expected to write the scan, got a folder");
      expect([...(await readScan(path))]).toEqual([1, 2, 3, 4]);
      expect(await readdir(folder)).toEqual(["a.bin"]);
    }));

  it.skipIf(process.platform === "win32")("refuses a pipe at once, though nobody writes into it", () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, "a.bin");
      execFileSync("mkfifo", [path]);
      await expect(readScan(path)).rejects.toThrow(`readScan: ${path}: expected a regular file for the scan`);
    }),
  );

  it("names the path of a file that is missing, a folder, or wrong", () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, "a.bin");
      await expect(readScan(path)).rejects.toThrow(
        `readScan: ${path}: expected to read the scan, got no such file or folder`,
      );
      await expect(readScan(folder)).rejects.toThrow(`readScan: ${folder}: expected a regular file for the scan`);
      await writeFile(path, new Uint8Array(20));
      await expect(readScan(path)).rejects.toThrow(`parseScan: ${path}: expected a multiple of 16 bytes`);
    }));
});
