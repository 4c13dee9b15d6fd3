import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { readPointCloud } from "../src/index.js";
import { joined, type Kind, number, ply, text } from "./writers.js";

const read = (bytes: Uint8Array) => readPointCloud(bytes, { name: "s/a.ply" });
const FORMATS = ["ascii", "binary_little_endian", "binary_big_endian"] as const;
const FIELDS = ["ring", "x", "y", "z", "scalar_Intensity", "a", "b", "c"];
const KINDS: Kind[] = ["u1", "f4", "f8", "i4", "f4", "i1", "i2", "u2"];
const COLUMNS = ["x", "y", "z", "intensity", "ring", "a", "b", "c"];
const ROWS = [
  [200, 1.5, -2.25, 3, 0.5, -100, -30_000, 60_000],
  [0, 4, 5, -6, 0.25, 1, 2, 3],
  [7, 8, 9, 10, 1, 4, 5, 6],
];
const WANTED = ROWS.flatMap(([ring, x, y, z, i, ...more]) => [x, y, z, i, ring, ...more]);

describe.each(FORMATS)("%s", (format) => {
  it.each([
    { others: false, modern: false },
    { others: true, modern: true },
  ])("every kind of number; %o", async (options) => {
    const cloud = await read(ply(ROWS, { fields: FIELDS, kinds: KINDS, format, ...options }));
    expect(cloud).toEqual({ points: Float32Array.from(WANTED), columns: COLUMNS, dropped: 0 });
  });

  it("random clouds return", async () => {
    for (let seed = 0; seed < 30; seed++) {
      const rng = seededRandom(seed);
      const kinds = FIELDS.map((): Kind => (rng() < 0.5 ? "f4" : "f8"));
      const rows = Array.from({ length: [0, 1, 2, 40][seed % 4] }, () =>
        FIELDS.map(() => Math.fround(100 * rng() - 50)),
      );
      const { points } = await read(ply(rows, { fields: FIELDS, kinds, format, others: seed % 3 === 0 }));
      expect([...points], `seed ${seed}`).toEqual(rows.flatMap(([r, x, y, z, i, ...more]) => [x, y, z, i, r, ...more]));
    }
  });

  it("is refused where it ends too early, wherever that is", async () => {
    const whole = ply(ROWS, { fields: FIELDS, kinds: KINDS, format });
    const last = format === "ascii" ? whole.length - 3 : whole.length;
    for (let length = 0; length < last; length++) {
      await expect(read(whole.subarray(0, length)), `${length} bytes`).rejects.toThrow(
        /^readPointCloud: s\/a\.ply: .*expected/,
      );
    }
  });
});

describe("what is refused, with its line or byte", () => {
  const head = (elements: string, format = "binary_little_endian") =>
    `ply\nformat ${format} 1.0\n${elements}end_header\n`;
  const vertex = (n: number | string) => `element vertex ${n}\nproperty float x\nproperty float y\nproperty float z\n`;
  const cases: [string, Uint8Array, string][] = [
    ["no ply", text("plx\n"), 'line 1: expected ply, got "plx"'],
    ["no vertices", text(head("element face 0\n")), 'header: expected the element vertex, got "face"'],
    ["no format", text(`ply\n${vertex(0)}end_header\n`), "line 6: expected a line with the format"],
    [
      "another format",
      text(head(vertex(0), "binary")),
      "line 2: expected format ascii, binary_little_endian, binary_big_endian",
    ],
    [
      "an unknown type",
      text(head("element vertex 1\nproperty float16 x\n")),
      'line 4: expected property, a type (or list and two types) and a name, got "property float16 x"',
    ],
    ["a type of JavaScript's", text(head("element vertex 1\nproperty constructor x\n")), "line 4: expected property"],
    [
      "a property without an element",
      text(head("property float x\n")),
      "line 3: expected an element before its properties",
    ],
    ["a negative count", text(head(vertex(-1))), "line 3: expected element, its name and how many there are"],
    [
      "vertices for terabytes",
      text(head(vertex(999_999_999_999))),
      'expected at most 0 of the element "vertex" in the 0 bytes there, got 999999999999',
    ],
    ["empty elements without end", text(head(`element a 999999999999\n${vertex(0)}`)), ""],
    [
      "a list longer than the file",
      joined(head(`element a 1\nproperty list uint uchar l\n${vertex(0)}`), number(4e9, "u4")),
      'expected 4000000000 bytes for "l", got the end of the file',
    ],
    [
      "a list of negative length",
      joined(head(`element a 1\nproperty list char uchar l\n${vertex(0)}`), number(-1, "i1")),
      'expected a length for "l", got -1',
    ],
    [
      "a word that is no number",
      text(`${head(vertex(1), "ascii")}1 2 three\n`),
      'line 8: expected a number for z, got "three"',
    ],
    [
      "a number too few",
      text(`${head(vertex(1), "ascii")}1 20000\n`),
      "line 8: expected a number for z, got the end of the line",
    ],
    ["a number too many", text(`${head(vertex(1), "ascii")}1 2 3 4\n`), "line 8: expected 3 numbers, got 4"],
    ["no end", text(`ply\n${"comment \n\n".repeat(9000)}`), 'expected "end_header" in the first 65536 bytes, got none'],
  ];
  it.each(cases)("%s", async (_, bytes, message) => {
    if (message === "") return expect((await read(bytes)).points).toHaveLength(0);
    await expect(read(bytes)).rejects.toThrow(`readPointCloud: s/a.ply: `);
    await expect(read(bytes)).rejects.toThrow(message);
  });
});
