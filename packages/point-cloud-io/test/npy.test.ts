import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readPointCloud } from "../src/index.js";
import { joined, npy, number } from "./writers.js";

const WANTED = [1, 2, 3, 0.5, -4, 5.25, -6, 0.25, 7, -8, 9, 1];
const fixture = (name: string) =>
  readPointCloud(readFileSync(join(import.meta.dirname, "fixtures", `${name}.npy`)), { name: `${name}.npy` });
const withHeader = (header: string, body = "") =>
  joined(npy([[0, 0, 0, 0]], { header }).subarray(0, 10 + header.length), body);

describe("arrays that NumPy wrote", () => {
  it.each(["little-f2", "little-f4", "big-f4", "little-f8", "big-f8", "fortran", "version-2", "version-3"])(
    "%s",
    async (name) => {
      const { points, columns } = await fixture(name);
      expect(columns).toEqual(["x", "y", "z", "intensity"]);
      expect([...points]).toEqual(WANTED);
    },
  );

  it.each(["whole-i2", "whole-i4", "whole-i8", "whole-i1"])("%s", async (name) => {
    expect([...(await fixture(name)).points]).toEqual(WANTED.map((value) => Math.trunc(value) + 0));
  });

  it("records name their columns", async () => {
    const { points, columns } = await fixture("record");
    expect(columns).toEqual(["x", "y", "z", "intensity", "ring"]);
    expect([...points.subarray(5, 10)]).toEqual([-4, 5.25, -6, 0.25, 2]);
  });

  it("no rows are no points", async () => {
    expect(await fixture("empty")).toMatchObject({ points: new Float32Array(0), dropped: 0 });
  });

  it("objects are refused, and one dimension", async () => {
    await expect(fixture("object")).rejects.toThrow(
      'object.npy: header: expected a dtype of integers or floats (such as <f4), got "|O"',
    );
    await expect(fixture("one-dimension")).rejects.toThrow("expected the shape (points, columns), got (12)");
  });
});

it("three columns are x, y, z; five need names", async () => {
  expect((await readPointCloud(npy([[1, 2, 3]]), { name: "a.npy" })).columns).toEqual(["x", "y", "z"]);
  const five = npy([[1, 2, 3, 4, 5]]);
  await expect(readPointCloud(five, { name: "a.npy" })).rejects.toThrow(
    "a.npy: expected the names of its 5 columns, got none: give them",
  );
  const columns = ["x", "y", "z", "intensity", "t"];
  expect((await readPointCloud(five, { name: "a.npy", columns })).columns).toEqual(columns);
  await expect(readPointCloud(five, { name: "a.npy", columns: ["x", "y", "z"] })).rejects.toThrow(
    "expected names for its 5 columns, got 3",
  );
});

describe("what is refused", () => {
  const cases: [string, Uint8Array, string][] = [
    ["no header", joined("\x93NUMPY"), "byte 6: expected version 1, 2 or 3, got the end of the file"],
    ["version 4", joined("\x93NUMPY\x04\x00", number(2, "u4"), "{}"), "byte 6: expected version 1, 2 or 3, got 4"],
    [
      "a header of 4 GB",
      joined("\x93NUMPY\x02\x00", number(0xffffffff, "u4"), "{}"),
      "byte 8: expected a header of at most 2 bytes, got 4294967295",
    ],
    ["a cut header", npy([[1, 2, 3]]).subarray(0, 40), "byte 8: expected a header"],
    ["no dictionary", withHeader("hello"), "header: expected {'descr'"],
    [
      "a shape of terabytes",
      withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 4), }"),
      "expected 16000000000000 bytes after the header",
    ],
    [
      "a shape beyond whole numbers",
      withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 4), }"),
      "expected whole numbers in the shape",
    ],
    [
      "complex numbers",
      withHeader("{'descr': '<c8', 'fortran_order': False, 'shape': (1, 4), }", "12345678"),
      "expected a dtype of integers or floats",
    ],
    [
      "missing bytes",
      npy([[1, 2, 3]]).subarray(0, -1),
      "expected 12 bytes after the header (1 rows of 3 numbers of 4 bytes), got 11",
    ],
    ["more bytes", joined(npy([[1, 2, 3]]), "_"), "got 13"],
    ["two columns", npy([[1, 2]]), "expected 3 to 256 columns"],
  ];
  it.each(cases)("%s", async (_, bytes, message) => {
    await expect(readPointCloud(bytes, { name: "a.npy" })).rejects.toThrow(message);
    await expect(readPointCloud(bytes, { name: "a.npy" })).rejects.toThrow("a.npy");
  });

  it("a header of thousands of beginnings of a list", async () => {
    const header = "{".concat("'descr': [']".repeat(1300));
    await expect(readPointCloud(withHeader(header), { name: "a.npy" })).rejects.toThrow("expected {'descr'");
  });
});
