import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { encodeLabels, KITTI_CLASSES, type KittiObject, parseLabels, readLabels, writeLabels } from "../src/index.js";
import { car, carLine, inTemporaryFolder, randomObject } from "./synthetic.js";

const dontCare: KittiObject = {
  type: "DontCare",
  truncated: -1,
  occluded: -1,
  alpha: -10,
  bbox: [1, 2, 3, 4],
  dimensions: [-1, -1, -1],
  location: [-1000, -1000, -1000],
  rotationY: -10,
};
const dontCareLine = "DontCare -1 -1 -10 1.00 2.00 3.00 4.00 -1 -1 -1 -1000 -1000 -1000 -10";

describe("what errors show of a file", () => {
  it("has no character that a terminal would obey", () => {
    const hostile = "\u001b[2J\u009b31m\u007f\u202eraC";
    const text = carLine.replace("Car", hostile);
    expect(() => parseLabels(text)).toThrow('got "\\u001b[2J\\u009b31m\\u007f\\u202eraC"');
  });
});

describe("parseLabels and encodeLabels", () => {
  it("by hand: a car and a region that does not count", () => {
    const text = `${carLine}\n${dontCareLine}\n`;
    expect(parseLabels(text)).toEqual([car, dontCare]);
    expect(encodeLabels([car, dontCare])).toBe(text);
  });

  it("by hand: a detection", () => {
    const text =
      "Car -1 -1 -1.500000 500.000000 150.000000 700.000000 220.000000 1.500000 1.700000 4.200000 1.000000 1.600000 20.000000 -1.450000 0.125\n";
    const detection = { ...car, truncated: -1, occluded: -1, score: 0.125 };
    expect(encodeLabels([detection])).toBe(text);
    expect(parseLabels(text)).toEqual([detection]);
  });

  it("an empty file is a frame without objects; blank lines, tabs and \\r are nothing", () => {
    expect(parseLabels("")).toEqual([]);
    expect(parseLabels("\n \n")).toEqual([]);
    expect(encodeLabels([])).toBe("");
    expect(parseLabels(`\r\n${carLine.replaceAll(" ", "\t ")} \r\n\r\n${carLine}`)).toEqual([car, car]);
  });

  it("keeps a negative zero; rounds to the nearest, ties away from zero", () => {
    const [object] = parseLabels(carLine.replace("1.00 1.60", "-0.00 1.60"));
    expect(encodeLabels([object])).toBe(`${carLine.replace("1.00 1.60", "-0.00 1.60")}\n`);
    expect(encodeLabels([{ ...car, location: [-0.001, 1.004999, 20.125] }])).toContain(" -0.00 1.00 20.13 ");
  });

  it.each([1, 2, 3])("results come back within half a micrometre, their scores exactly, seed %i", (seed) => {
    const rng = seededRandom(seed);
    const objects = Array.from({ length: 200 }, () => ({ ...randomObject(rng), score: Math.fround(rng() ** 8) }));
    const again = parseLabels(encodeLabels(objects), undefined, { score: "required" });
    again.forEach((object, i) => {
      expect(Math.fround(object.score!)).toBe(objects[i].score);
      const [a, b] = [object, objects[i]].map((o) => [...o.location, ...o.dimensions, ...o.bbox, o.rotationY, o.alpha]);
      a.forEach((value, k) => {
        expect(Math.abs(value - b[k])).toBeLessThanOrEqual(0.5000001e-6);
      });
    });
  });

  it("neighbouring float32 scores stay apart and in order", () => {
    const bits = new Uint32Array(1);
    const value = new Float32Array(bits.buffer);
    for (const start of [0x3f7ffff0, 0x3dcccccd, 0x33d6bf95, 0x00000001]) {
      const scores = Array.from({ length: 16 }, (_, i) => {
        bits[0] = start + i;
        return value[0];
      });
      const again = parseLabels(encodeLabels(scores.map((score) => ({ ...car, score })))).map(
        (object) => object.score!,
      );
      again.slice(1).forEach((score, i) => {
        expect(score).toBeGreaterThan(again[i]);
      });
    }
  });

  it("decimals for labels", () => {
    expect(encodeLabels([{ ...car, alpha: -1.23456 }], { decimals: 4 })).toContain("Car 0.0000 0 -1.2346 500.0000");
    expect(() => encodeLabels([car], { decimals: 16 })).toThrow("expected an integer 0..15 for decimals, got 16");
  });

  it("every class of KITTI, others on request", () => {
    for (const type of KITTI_CLASSES) expect(parseLabels(carLine.replace("Car", type))[0].type).toBe(type);
    const unknown = carLine.replace("Car", "Submarine");
    expect(() => parseLabels(unknown, "l.txt")).toThrow(
      "parseLabels: l.txt:1: column 1 (type): expected one of Car, Van, Truck, Pedestrian, Person_sitting, Cyclist, Tram, " +
        'Misc, DontCare, got "Submarine"',
    );
    expect(parseLabels(unknown, "l.txt", { classes: "any" })[0].type).toBe("Submarine");
    expect(parseLabels(unknown, "l.txt", { classes: ["Submarine"] })[0].type).toBe("Submarine");
    expect(() => parseLabels(carLine.replace("Car", "car"))).toThrow('got "car"');
  });

  it("a score may be optional, required or forbidden", () => {
    const scored = `${carLine} 0.5`;
    expect(parseLabels(scored)[0].score).toBe(0.5);
    expect("score" in parseLabels(carLine)[0]).toBe(false);
    const [required, forbidden] = [{ score: "required" }, { score: "forbidden" }] as const;
    expect(() => parseLabels(carLine, "r.txt", required)).toThrow("parseLabels: r.txt:1: expected 16 columns, got 15");
    expect(() => parseLabels(scored, "r.txt", forbidden)).toThrow("parseLabels: r.txt:1: expected 15 columns, got 16");
    expect(() => parseLabels("", "r.txt", { score: "no" as "optional" })).toThrow('"forbidden" for score, got no');
  });

  it("takes any score, and ten thousand objects", () => {
    expect(parseLabels(`${carLine} 1e300`)[0].score).toBe(1e300);
    const lines = (count: number) => `${carLine}\n`.repeat(count);
    expect(parseLabels(lines(10_000)).length).toBe(10_000);
    expect(() => parseLabels(lines(10_001), "l.txt")).toThrow("l.txt:10001: expected at most 10000 objects, got more");
  });

  const swap = (column: number, word: string): string =>
    [
      carLine,
      carLine
        .split(" ")
        .map((old, i) => (i === column ? word : old))
        .join(" "),
    ].join("\n");

  it.each([
    [`${carLine} 1 2`, "parseLabels: l.txt:1: expected 15 or 16 columns, got 17"],
    [`${carLine}\nCar 1 2`, "parseLabels: l.txt:2: expected 15 or 16 columns, got 3"],
    [swap(1, "nan"), 'parseLabels: l.txt:2: column 2 (truncated): expected a finite number, got "nan"'],
    [swap(3, "Infinity"), 'l.txt:2: column 4 (alpha): expected a finite number, got "Infinity"'],
    [swap(4, "0x10"), 'l.txt:2: column 5 (left): expected a finite number, got "0x10"'],
    [swap(8, "1e400"), 'l.txt:2: column 9 (height): expected a finite number, got "1e400"'],
    [swap(8, "1e10"), 'l.txt:2: column 9 (height): expected a number within ±1000000000, got "1e10"'],
    [swap(13, "12,5"), 'l.txt:2: column 14 (z): expected a finite number, got "12,5"'],
    [swap(14, "--1"), 'l.txt:2: column 15 (rotation_y): expected a finite number, got "--1"'],
    [`${carLine} high`, 'l.txt:1: column 16 (score): expected a finite number, got "high"'],
    [swap(2, "4"), "l.txt:2: column 3 (occluded): expected -1, 0, 1, 2 or 3, got 4"],
    [swap(2, "0.5"), "l.txt:2: column 3 (occluded): expected -1, 0, 1, 2 or 3, got 0.5"],
    [swap(5, "x".repeat(1000)), `got "${"x".repeat(60)}…"`],
  ])("refuses a wrong file, %#", (wrong, message) => {
    expect(() => parseLabels(wrong, "l.txt")).toThrow(message);
  });

  it("refuses to write what cannot be read back", () => {
    expect(() => encodeLabels([{ ...car, type: "Big car" }])).toThrow(
      'encodeLabels: expected a word for type of object 0, got "Big car"',
    );
    expect(() => encodeLabels([car, { ...car, alpha: Number.NaN }])).toThrow(
      "encodeLabels: expected a finite alpha for object 1 (Car), got NaN",
    );
    expect(() => encodeLabels([{ ...car, score: Number.POSITIVE_INFINITY }])).toThrow(
      "encodeLabels: expected a finite score for object 0 (Car), got Infinity",
    );
    const short = { ...car, bbox: [1, 2, 3] } as unknown as KittiObject;
    expect(() => encodeLabels([short])).toThrow("encodeLabels: expected 14 values for object 0 (Car), got 13");
  });
});

describe("readLabels and writeLabels", () => {
  it("write, then read; an empty file is valid", () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, "l.txt");
      await writeLabels(path, [car, dontCare]);
      expect(await readLabels(path)).toEqual([car, dontCare]);
      await writeLabels(path, []);
      expect(await readLabels(path)).toEqual([]);
    }));

  it("names path and line; does not read a hostile file of ten gigabytes", () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, "l.txt");
      await expect(readLabels(path)).rejects.toThrow(
        `readLabels: ${path}: expected to read the labels, got no such file or folder`,
      );
      await writeFile(path, `${carLine}\nCar`);
      await expect(readLabels(path)).rejects.toThrow(`parseLabels: ${path}:2: expected 15 or 16 columns, got 1`);
      const handle = await open(path, "w");
      await handle.truncate(10 * 2 ** 30); // sparse: takes no room
      await handle.close();
      await expect(readLabels(path)).rejects.toThrow("expected at most 8388608 bytes for the labels, got 10737418240");
    }));
});
