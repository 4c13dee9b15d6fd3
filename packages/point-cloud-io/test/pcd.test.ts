import { readFileSync } from "node:fs";
import { goldenMissing, goldenPath, itUnless, seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { readPointCloud } from "../src/index.js";
import { joined, type Kind, number, packLzf, pcd, text } from "./writers.js";

const FIELDS = ["x", "y", "z", "intensity"];
const KINDS: Kind[] = ["f4", "f4", "f4", "f4"];
const ROWS = [
  [1, 2, 3, 0.5],
  [-4, 5, 6, 0.25],
];
const read = (bytes: Uint8Array) => readPointCloud(bytes, { name: "s/a.pcd" });
const DATA = ["ascii", "binary", "binary_compressed"] as const;

describe.each(DATA)("%s", (data) => {
  it("by hand: x, y, z and intensity", async () => {
    const cloud = await read(pcd(ROWS, { fields: FIELDS, kinds: KINDS, data }));
    expect(cloud).toEqual({ points: Float32Array.from(ROWS.flat()), columns: FIELDS, dropped: 0 });
  });

  it("padding of any count, fields of several numbers, every kind of number", async () => {
    const kinds: Kind[] = ["u1", "f8", "f4", "i2", "u1", "i1", "u4", "u2", "i4", "i8", "u8"];
    const fields = ["_", "X", "y", "z", "_", "n", "rgb", "ring", "d", "e", "f"];
    const counts = [3, 1, 1, 1, 0, 2, 1, 1, 1, 1, 1];
    const row = [9, 9, 9, 1.5, 2.5, -3, -1, 2, 4e9, 6e4, -7, -8, 10];
    const cloud = await read(pcd([row, row], { fields, kinds, counts, data }));
    expect(cloud.columns).toEqual(["x", "y", "z", "n_0", "n_1", "rgb", "ring", "d", "e", "f"]);
    const wanted = [1.5, 2.5, -3, -1, 2, 4e9, 6e4, -7, -8, 10];
    expect([...cloud.points]).toEqual([...wanted, ...wanted]);
  });

  it("random clouds return, in any order of fields", async () => {
    for (let seed = 0; seed < 40; seed++) {
      const rng = seededRandom(seed);
      const fields = [...FIELDS, "ring"].sort(() => rng() - 0.5);
      const kinds = fields.map((): Kind => (rng() < 0.5 ? "f4" : "f8"));
      const some = [0, 0.5, -1.25, 40];
      const rows = Array.from({ length: [0, 1, 2, 33, 300][seed % 5] }, () =>
        fields.map(() => (rng() < 0.3 ? some[Math.floor(4 * rng())] : Math.fround(100 * rng()))),
      );
      const { points, columns } = await read(pcd(rows, { fields, kinds, data }));
      expect(columns, `seed ${seed}`).toEqual([...FIELDS, "ring"]);
      expect([...points], `seed ${seed}`).toEqual(
        rows.flatMap((row) => columns.map((name) => row[fields.indexOf(name)])),
      );
    }
  });

  it("nan drops a point", async () => {
    const rows = [[Number.NaN, Number.NaN, Number.NaN, 0], ROWS[0]];
    expect(await read(pcd(rows, { fields: FIELDS, kinds: KINDS, data }))).toMatchObject({ dropped: 1 });
  });

  it("is refused where it ends too early, wherever that is", async () => {
    const whole = pcd(ROWS, { fields: FIELDS, kinds: KINDS, data });
    // A text may lose the end of its last line: "0.25" and "0.2" are numbers alike.
    const last = data === "ascii" ? whole.length - 5 : whole.length;
    for (let length = 60; length < last; length++) {
      await expect(read(whole.subarray(0, length)), `${length} bytes`).rejects.toThrow(
        /^readPointCloud: s\/a\.pcd: .*expected/,
      );
    }
  });
});

it("comments, Windows' ends of lines, a missing COUNT and POINTS, an older version", async () => {
  const bytes = text(
    "# .PCD v.5\r\n# more\r\nVERSION .5\r\nCOLUMNS x y z\r\nSIZE 4 4 4\r\nTYPE F F F\r\nWIDTH 1\r\nHEIGHT 2\r\nDATA ascii\r\n1 2 3\r\n\r\n4 5 6e-1\r\n",
  );
  expect([...(await read(bytes)).points]).toEqual([1, 2, 3, 4, 5, Math.fround(0.6)]);
});

describe("what is refused, with its line or byte", () => {
  const good = { fields: FIELDS, kinds: KINDS, data: "ascii" as const };
  const lines: [Record<string, string>, string][] = [
    [{ POINTS: "3" }, "line 10: expected WIDTH times HEIGHT, 2, for POINTS, got 3"],
    [{ WIDTH: "-2" }, 'line 7: expected a whole number for WIDTH, got "-2"'],
    [{ WIDTH: "1000000000", POINTS: "1000000000" }, "expected 1000000000 points of 4 numbers after the header, got"],
    [{ SIZE: "4 4 4" }, "line 4: expected 4 words for SIZE, as for FIELDS, got 3"],
    [{ SIZE: "4 4 4 2" }, 'expected TYPE I or U of SIZE 1, 2, 4 or 8, or F of 4 or 8, got "F" of "2"'],
    [{ COUNT: "1 1 1 99999999" }, 'line 6: expected whole numbers up to 1048576 for COUNT, got "99999999"'],
    [{ COUNT: "1 1 1 1000000" }, "expected at most 256 numbers a point, got 1000003"],
    [{ DATA: "zip" }, 'line 11: expected ascii, binary or binary_compressed for DATA, got "zip"'],
    [{ FIELDS: "x y w intensity" }, 'expected the columns x, y and z, got "x", "y", "w", "intensity"'],
    [{ FIELDS: "x y z x" }, 'expected each column once, got "x" twice'],
    [{ OTHER: "1" }, "got the end of the file"],
  ];
  it.each(lines)("%o", async (changed, message) => {
    const bytes = pcd(ROWS, { ...good, lines: changed });
    if ("OTHER" in changed)
      return void (await expect(read(bytes)).rejects.toThrow("line 12: expected 4 numbers, got 2"));
    await expect(read(bytes)).rejects.toThrow(message);
  });

  it("words that are no numbers, and too many lines", async () => {
    const whole = new TextDecoder().decode(pcd(ROWS, good));
    await expect(read(text(whole.replace("-4", "four")))).rejects.toThrow(
      's/a.pcd: line 13: expected a number for x, got "four"',
    );
    await expect(read(text(`${whole}1 2 3 4\n`))).rejects.toThrow(
      'line 14: expected the end of the file, got "1 2 3 4"',
    );
  });

  it("binary points that are fewer or more than the header says", async () => {
    const whole = pcd(ROWS, { ...good, data: "binary" });
    await expect(read(joined(whole, "__"))).rejects.toThrow(
      "expected 32 bytes of points (2 of 16 bytes), got 34: write the file again",
    );
  });

  it("but zeros behind binary points are the room that their writer reserved", async () => {
    const whole = pcd(ROWS, { ...good, data: "binary" });
    expect([...(await read(joined(whole, new Uint8Array(37)))).points]).toEqual(ROWS.flat());
    await expect(read(whole.subarray(0, -1))).rejects.toThrow("expected 32 bytes of points (2 of 16 bytes), got 31");
  });

  it("a header without an end", async () => {
    await expect(read(text(`VERSION 0.7\n${"# \n".repeat(40_000)}`))).rejects.toThrow(
      'expected "DATA" in the first 65536 bytes, got none',
    );
  });
});

describe("LZF", () => {
  /** A compressed cloud of n points of x, y, z as bytes, packed as given. */
  const compressed = (n: number, packed: Uint8Array, size = 3 * n) => {
    const head = `VERSION 0.7\nFIELDS x y z\nSIZE 1 1 1\nTYPE U U U\nCOUNT 1 1 1\nWIDTH ${n}\nHEIGHT 1\nPOINTS ${n}\nDATA binary_compressed\n`;
    return joined(head, number(packed.length, "u4"), number(size, "u4"), packed);
  };

  it("by hand: two bytes as they are, then a copy of four that overlaps itself", async () => {
    // 1: two literals 7, 8. (2 << 5 | 0, 1): a copy of 2 + 2 bytes from 2 before: 7 8 7 8. Columns lie one after the other.
    const cloud = await read(compressed(2, Uint8Array.of(1, 7, 8, 2 << 5, 1)));
    expect([...cloud.points]).toEqual([7, 7, 7, 8, 8, 8]);
  });

  it("long copies: 7 and one more byte of length", async () => {
    const cloud = await read(compressed(90, Uint8Array.of(0, 5, (7 << 5) | 0, 255, 0, 4, 5, 5, 5, 5, 5)));
    expect([...cloud.points]).toEqual(new Array(270).fill(5));
  });

  const refused: [string, Uint8Array, string][] = [
    [
      "a distance before the beginning",
      compressed(2, Uint8Array.of(1, 7, 8, 2 << 5, 2)),
      "packed byte 3: expected a distance of at most 2, got 3",
    ],
    [
      "more than was said",
      compressed(1, Uint8Array.of(1, 7, 8, 2 << 5, 1)),
      "packed byte 3: expected 3 bytes at most, got more",
    ],
    ["less than was said", compressed(2, Uint8Array.of(1, 7, 8)), "packed byte 3: expected 6 bytes, got 2"],
    [
      "literals that are not there",
      compressed(2, Uint8Array.of(5, 7, 8)),
      "packed byte 0: expected 6 bytes to copy, got 2",
    ],
    [
      "a copy that is cut",
      compressed(2, Uint8Array.of(1, 7, 8, 2 << 5)),
      "packed byte 3: expected a length and a distance, got the end",
    ],
    [
      "a gigabyte out of nothing",
      compressed(300_000_000, Uint8Array.of(0, 7)),
      "expected at most 176 unpacked bytes of 2 packed ones, got 900000000",
    ],
    [
      "another size than the header's",
      compressed(2, Uint8Array.of(0, 7), 5),
      "expected 6 unpacked bytes, as the header says, got 5",
    ],
  ];
  it.each(refused)("refuses %s", async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toThrow(message);
  });

  it("what the writer packs, of every length of copy, returns", async () => {
    for (const n of [1, 2, 11, 87, 88, 89, 90, 3000]) {
      const plain = Uint8Array.from({ length: 3 * n }, (_, i) => (i % 700 < 350 ? 3 : (i * i) % 251));
      const { points } = await read(compressed(n, packLzf(plain)));
      expect([...points], `${n}`).toEqual(
        Array.from({ length: n }, (_, i) => [plain[i], plain[n + i], plain[2 * n + i]]).flat(),
      );
    }
  });
});

itUnless(goldenMissing("faults/y.pcd"), "a small file of others", async () => {
  const { points, columns } = await read(readFileSync(goldenPath("faults/y.pcd")!));
  expect(columns).toEqual(FIELDS);
  expect([...points]).toEqual([10, 0, 0, 0.5, 11, 1, 0, 0.4].map(Math.fround));
});
