import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import {
  encodeCalibration,
  encodeLabels,
  encodeScan,
  parseCalibration,
  parseImageSize,
  parseLabels,
  parseScan,
} from "../src/index.js";
import { pngHeader, randomObject, upright } from "./synthetic.js";

/** Cuts, repeats and overwrites stretches of a good file, with an eye for bytes that mean something to a parser. */
function damage(bytes: Uint8Array, rng: () => number): Uint8Array {
  const pick = (n: number): number => Math.floor(rng() * n);
  const telling = [0, 9, 10, 13, 32, 35, 43, 45, 46, 48, 57, 58, 69, 101, 110, 120, 127, 255];
  let out = [...bytes];
  for (let edit = 0; edit <= pick(4); edit++) {
    const at = pick(out.length + 1);
    const length = pick(20);
    const random = Array.from({ length }, () => (rng() < 0.5 ? pick(256) : telling[pick(telling.length)]));
    const middle = [[], random, out.slice(at, at + length), out.slice(0, length)][pick(4)];
    const skip = rng() < 0.5 ? length : 0;
    out = rng() < 0.1 ? out.slice(0, at) : [...out.slice(0, at), ...middle, ...out.slice(at + skip)];
  }
  return Uint8Array.from(out);
}

const rng = seededRandom(77);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytesOf = (content: string): Uint8Array => new TextEncoder().encode(content);

const targets: [string, Uint8Array, (bytes: Uint8Array) => unknown][] = [
  ["parseScan", encodeScan(Float32Array.from({ length: 40 }, rng)), (bytes) => parseScan(bytes, "f")],
  ["parseCalibration", bytesOf(encodeCalibration(upright)), (bytes) => parseCalibration(text(bytes), "f")],
  [
    "parseLabels",
    bytesOf(encodeLabels([randomObject(rng), randomObject(rng), { ...randomObject(rng), score: 0.5 }])),
    (bytes) => parseLabels(text(bytes), "f"),
  ],
  ["parseImageSize", pngHeader(1242, 375), (bytes) => parseImageSize(bytes, "f")],
];

/** Every number that a parser let through. */
function numbersIn(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (value === null || typeof value !== "object") return [];
  return ArrayBuffer.isView(value) ? [...(value as Float64Array)] : Object.values(value).flatMap(numbersIn);
}

describe("damaged files are read or refused with an error that says where, and never crash a parser", () => {
  it.each(targets)("%s", (name, good, parse) => {
    let [read, refused] = [0, 0];
    for (let seed = 0; seed < 1500; seed++) {
      const bytes = damage(good, seededRandom(seed));
      try {
        const result = parse(bytes);
        expect(numbersIn(result).every(Number.isFinite), `seed ${seed}`).toBe(true);
        read++;
      } catch (error) {
        expect((error as Error).constructor, `seed ${seed}: ${error}`).toBe(Error);
        expect((error as Error).message, `seed ${seed}`).toMatch(
          new RegExp(`^${name}: f(:\\d+)?: .*expected .+, got .`, "s"),
        );
        expect((error as Error).message.length).toBeLessThan(400);
        refused++;
      }
    }
    expect(read).toBeGreaterThan(10);
    expect(refused).toBeGreaterThan(100);
  });

  it("long words and lines take linear time", () => {
    // with a pattern that can split digits in several ways, these would take hours
    const digits = "1".repeat(2_000_000);
    expect(() => parseLabels(`Car ${digits}x ${"0 ".repeat(13)}`, "f")).toThrow("f:1: column 2 (truncated)");
    expect(() => parseLabels(`Car ${" ".repeat(2_000_000)}x`, "f")).toThrow("f:1: expected 15 or 16 columns, got 2");
    expect(() => parseCalibration(`P0:${" 1".repeat(1_000_000)}`, "f")).toThrow(
      "f:1: expected 12 numbers for P0, got 1000000",
    );
  });
});
