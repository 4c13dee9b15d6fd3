import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeUnless, goldenMissing, seededRandom } from "test-support";
import { describe, expect, test } from "vitest";
import {
  encodeSafetensors,
  float32Arrays,
  parseSafetensors,
  parseSafetensorsMetadata,
  type SafetensorsInput,
} from "../src/index.js";
import { goldenSecond, goldenTensors } from "./goldens/golden-second.js";

/** A file from its header's text and data bytes. */
function file(header: string, dataBytes = 0): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  bytes[0] = text.length % 256;
  bytes[1] = text.length >> 8;
  bytes.set(text, 8);
  return bytes;
}

/** The header entry of a float32 tensor. */
function entry(shape: number[], offsets: number[], dtype = "F32"): string {
  return JSON.stringify({ dtype, shape, data_offsets: offsets });
}

describe("parseSafetensors", () => {
  test("by hand: a file written byte by byte", () => {
    const header = `{"a":${entry([2], [0, 8])},"n":${entry([], [8, 12], "I32")}}`;
    const bytes = file(header, 12);
    // 1.5 is 0x3fc00000, −2 is 0xc0000000, 7 is 7
    bytes.set([0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0, 7, 0, 0, 0], bytes.length - 12);
    expect([...parseSafetensors(bytes)]).toEqual([
      ["a", { dtype: "F32", shape: [2], data: Float32Array.of(1.5, -2) }],
      ["n", { dtype: "I32", shape: [], data: Int32Array.of(7) }],
    ]);
  });

  test("reads from any place in a larger buffer and copies", () => {
    const bytes = encodeSafetensors(new Map([["a", { shape: [2], data: Float64Array.of(1, 2) }]]));
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const tensor = parseSafetensors(shifted.subarray(3)).get("a")!;
    shifted.fill(0);
    expect(tensor.data).toEqual(Float64Array.of(1, 2));
  });

  test.each<[string, Uint8Array, string]>([
    ["no header", new Uint8Array(7), "byte 0: expected 8 bytes of header length, got 7 bytes"],
    ["a header past the end", file("{}").fill(9, 0, 1), "byte 0: expected a header of at most 2 bytes, got 9"],
    ["a huge header", file("{}").fill(255, 0, 8), "at most 2 bytes, got 18446744073709551615"],
    ["no JSON", file("{]"), "byte 8: expected 2 bytes of JSON in UTF-8, got "],
    ["no UTF-8", file("{}").fill(0xff, 9), "byte 8: expected 2 bytes of JSON in UTF-8, got "],
    ["a list", file("[]"), "byte 8: expected a JSON object as header, got []"],
    ["an unknown type", file(`{"a":${entry([1], [0, 4], "F128")}}`, 4), 'for dtype of "a", got "F128"'],
    ["a type of Object's own", file(`{"a":${entry([1], [0, 4], "toString")}}`, 4), 'dtype of "a", got "toString"'],
    ["no entry", file('{"a":null}'), 'for dtype of "a", got nothing'],
    ["a negative size", file(`{"a":${entry([-1], [0, 4])}}`, 4), 'a list of sizes for shape of "a", got [-1]'],
    ["offsets reversed", file(`{"a":${entry([1], [4, 0])}}`, 4), '[begin, end] for data_offsets of "a", got [4,0]'],
    ["a wrong size", file(`{"a":${entry([2], [0, 4])}}`, 4), 'expected 8 bytes for "a" (F32 [2]), got 4'],
    ["a gap", file(`{"a":${entry([1], [4, 8])}}`, 8), 'expected tensor "a" to begin at data offset 0, got 4'],
    [
      "an overlap",
      file(`{"a":${entry([1], [0, 4])},"b":${entry([1], [0, 4])}}`, 8),
      'tensor "b" to begin at data offset 4',
    ],
    [
      "data cut off",
      file(`{"a":${entry([2], [0, 8])}}`, 7),
      'expected 8 bytes for "a", got 7 before the end of the file',
    ],
    ["a rest", file(`{"a":${entry([1], [0, 4])}}`, 6), "expected the end of the file, got 2 more bytes"],
    [
      "a size that overflows",
      file(`{"a":${entry([2 ** 40, 2 ** 40], [0, 4])}}`, 4),
      "expected 4.835703278458517e+24 bytes",
    ],
    ["metadata of another kind", file('{"__metadata__":{"a":1}}'), 'a string for __metadata__ "a", got 1'],
  ])("refuses %s with path and offset", (_, bytes, message) => {
    expect(() => parseSafetensors(bytes, "w.safetensors")).toThrow(/^parseSafetensors: w\.safetensors: byte \d+: /);
    expect(() => parseSafetensors(bytes, "w.safetensors")).toThrow(message);
  });

  test("a tensor named __proto__ is a tensor and reaches no prototype", () => {
    const bytes = file(`{"__proto__":${entry([1], [0, 4])}}`, 4);
    expect([...parseSafetensors(bytes).keys()]).toEqual(["__proto__"]);
    expect(({} as { dtype?: string }).dtype).toBeUndefined();
  });

  test("a Buffer, whose slice does not copy, from the middle of Node's pool", () => {
    const bytes = Buffer.from(encodeSafetensors(new Map([["a", { shape: [2], data: Float32Array.of(1, 2) }]])));
    const tensor = parseSafetensors(bytes).get("a")!;
    bytes.fill(0);
    expect(tensor.data).toEqual(Float32Array.of(1, 2));
  });

  test("another kind of argument", () => {
    expect(() => parseSafetensors("x" as unknown as Uint8Array)).toThrow(
      "parseSafetensors: expected a Uint8Array for bytes, got [object String]",
    );
  });

  test("damaged bytes never do anything but throw an Error or give tensors", () => {
    const good = encodeSafetensors(new Map([["a", { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }]]));
    const rng = seededRandom(5);
    for (let i = 0; i < 500; i++) {
      const bytes = good.slice(0, Math.ceil(rng() * good.length));
      bytes[Math.floor(rng() * bytes.length)] ^= 1 << Math.floor(rng() * 8);
      try {
        parseSafetensors(bytes);
      } catch (error) {
        expect((error as Error).message).toMatch(/^parseSafetensors: safetensors: byte \d+: expected /);
      }
    }
  });
});

describe("encodeSafetensors", () => {
  const tensors = new Map<string, SafetensorsInput>([
    ["z", { shape: [2, 3], data: Float32Array.of(1, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-45, 3.4e38) }],
    ["a", { shape: [1], data: Float64Array.of(Math.PI) }],
    ["empty", { shape: [0, 4], data: new Float32Array() }],
    ["i", { shape: [2], data: BigInt64Array.of(-1n, 2n ** 62n) }],
    ['é/"name"', { shape: [], data: Int32Array.of(-5) }],
    ["b", { dtype: "BOOL", shape: [3], data: Uint8Array.of(0, 1, 1) }],
    ["h", { dtype: "BF16", shape: [1], data: Uint16Array.of(0x3f80) }],
    ["u", { shape: [1], data: Uint16Array.of(7) }],
  ]);
  const metadata = new Map([
    ["epoch", "3"],
    ["a", 'quote " and \n'],
  ]);

  test("round trip of every kind of value, bit for bit", () => {
    const back = parseSafetensors(encodeSafetensors(tensors, { metadata }));
    expect([...back.keys()].sort()).toEqual([...tensors.keys()].sort());
    for (const [name, { shape, data }] of tensors) expect(back.get(name)).toMatchObject({ shape, data });
    expect(Object.is(back.get("z")!.data[1], -0)).toBe(true);
    expect([...back.values()].map(({ dtype }) => dtype)).toEqual([
      "F64",
      "I64",
      "F32",
      "F32",
      "I32",
      "BF16",
      "U16",
      "BOOL",
    ]);
    expect([...parseSafetensorsMetadata(encodeSafetensors(tensors, { metadata }))].sort()).toEqual(
      [...metadata].sort(),
    );
  });

  test("the same bytes whatever the order, aligned to 8", () => {
    const bytes = encodeSafetensors(tensors, { metadata });
    const reversed = encodeSafetensors(new Map([...tensors].reverse()), { metadata: new Map([...metadata].reverse()) });
    expect(reversed).toEqual(bytes);
    expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0);
  });

  test("no tensors at all", () => {
    const bytes = encodeSafetensors(new Map());
    expect(parseSafetensors(bytes).size).toBe(0);
    expect(parseSafetensorsMetadata(bytes).size).toBe(0);
  });

  test("refuses what it could not read back", () => {
    const data = Float32Array.of(1, 2);
    expect(() => encodeSafetensors(new Map([["a", { shape: [3], data }]]))).toThrow(
      'encodeSafetensors: expected 3 elements for "a" [3], got 2',
    );
    expect(() => encodeSafetensors(new Map([["a", { dtype: "I32" as const, shape: [2], data }]]))).toThrow(
      'expected an array for I32 in "a", got [object Float32Array]',
    );
    expect(() => encodeSafetensors(new Map([["__metadata__", { shape: [2], data }]]))).toThrow(
      "other than __metadata__",
    );
  });
});

describe("float32Arrays", () => {
  test("keeps float32 tensors and names another", () => {
    const floats = new Map([["w", { shape: [1], data: Float32Array.of(2) }]]);
    const read = (tensors: ReadonlyMap<string, SafetensorsInput>) =>
      float32Arrays(parseSafetensors(encodeSafetensors(tensors)));
    expect([...read(floats)]).toEqual([...floats]);
    expect(() => read(new Map([["n", { shape: [1], data: Int32Array.of(2) }]]))).toThrow(
      'float32Arrays: expected F32 for "n", got I32',
    );
  });
});

describeUnless(goldenMissing("golden/second"), "files of the reference implementation", () => {
  test.each(["targets_extra", "train_bn_after", "weights"])("%s", (name) => {
    const path = join(goldenSecond!, `${name}.safetensors`);
    const bytes = readFileSync(path);
    const tensors = parseSafetensors(bytes, path);
    const expected = goldenTensors(name);
    expect(new Set(tensors.keys())).toEqual(new Set(expected.keys()));
    for (const [key, { shape, data }] of expected) {
      const tensor = tensors.get(key)!;
      expect(tensor.shape, key).toEqual(shape);
      // Not toEqual: it takes a minute for a million numbers.
      expect(sameBytes(tensor.data, data), key).toBe(true);
    }
    const again = encodeSafetensors(tensors);
    expect(sameBytes(encodeSafetensors(parseSafetensors(again)), again)).toBe(true);
    expect(again.length - headerBytes(again)).toBe(bytes.length - headerBytes(bytes));
  });
});

function sameBytes(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return asBuffer(a).equals(asBuffer(b));
}

function asBuffer(view: ArrayBufferView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

function headerBytes(bytes: Uint8Array): number {
  return asBuffer(bytes).readUInt32LE(0);
}
