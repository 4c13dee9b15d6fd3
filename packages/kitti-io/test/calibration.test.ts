import { open } from "node:fs/promises";
import { join } from "node:path";
import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import {
  type Calibration,
  encodeCalibration,
  parseCalibration,
  readCalibration,
  writeCalibration,
} from "../src/index.js";
import { inTemporaryFolder, randomCalibration, upright } from "./synthetic.js";

const text = encodeCalibration(upright);
const lines = text.split("\n");

describe("parseCalibration and encodeCalibration", () => {
  it("by hand: a matrix in KITTI's form", () => {
    expect(lines[0]).toBe(
      "P0: 7.000000000000e+02 0.000000000000e+00 6.000000000000e+02 0.000000000000e+00 0.000000000000e+00 " +
        "7.000000000000e+02 1.800000000000e+02 0.000000000000e+00 0.000000000000e+00 0.000000000000e+00 " +
        "1.000000000000e+00 0.000000000000e+00",
    );
    expect(lines.map((line) => line.split(":")[0])).toEqual([
      "P0",
      "P1",
      "P2",
      "P3",
      "R0_rect",
      "Tr_velo_to_cam",
      "",
      "",
    ]);
  });

  it("reads other spellings of numbers, spaces, line ends, orders; skips unknown keys", () => {
    const loose = [...lines]
      .reverse()
      .map((line) => `  ${line.replaceAll(" ", " \t ").replaceAll("e+00", "")}\r`)
      .join("\n");
    expect(parseCalibration(`Comment: not a number\n${loose}`)).toEqual(upright);
  });

  it.each([1, 2, 3])("parse after encode is the identity, to the last bit, seed %i", (seed) => {
    const calibration = randomCalibration(seededRandom(seed));
    const p3 = Float64Array.of(1e-300, -0, 1e9, -5e-324, 1 / 3, 0.1, -123456.789, 1e8 / 3, 1e-10, 7, -1e9, 0);
    const again = parseCalibration(encodeCalibration({ ...calibration, p3 }));
    expect(again).toEqual({ ...calibration, p3 });
  });

  const replaced = (key: string, line: string | undefined): string =>
    lines.flatMap((old) => (old.startsWith(`${key}:`) ? (line === undefined ? [] : [line]) : [old])).join("\n");

  it.each([
    ["", 'parseCalibration: c.txt: expected a line "P0: …", got none of its keys'],
    [
      replaced("P2", undefined),
      'parseCalibration: c.txt: expected a line "P2: …", got "P0", "P1", "P3", "R0_rect", "Tr_velo_to_cam"',
    ],
    [replaced("P1", "P1: 1 2 3"), "parseCalibration: c.txt:2: expected 12 numbers for P1, got 3"],
    [replaced("P1", "P1:"), "parseCalibration: c.txt:2: expected 12 numbers for P1, got 0"],
    [
      replaced("R0_rect", "R0_rect: 1 0 0 0 nan 0 0 0 1"),
      'parseCalibration: c.txt:5: expected a finite number for element 5 of R0_rect, got "nan"',
    ],
    [
      replaced("R0_rect", "R0_rect: 1 0 0 0 1e999 0 0 0 1"),
      'parseCalibration: c.txt:5: expected a finite number for element 5 of R0_rect, got "1e999"',
    ],
    [
      replaced("R0_rect", "R0_rect: 0 0 0 0 0 0 0 0 0"),
      "parseCalibration: c.txt: expected a rotation for R0_rect, got a determinant of 0",
    ],
    [
      replaced("Tr_velo_to_cam", "Tr_velo_to_cam: 1 0 0 0 0 1 0 0 0 0 -1 0"),
      "expected a rotation in the first three columns of Tr_velo_to_cam, got a determinant of -1",
    ],
    [`${text}P1: 1`, "parseCalibration: c.txt:8: expected P1 once, got it again after line 2"],
    ["\u0000\u0001 rubbish", 'parseCalibration: c.txt:1: expected "KEY: numbers", got "\\u0000\\u0001 rubbish"'],
  ])("refuses a wrong file, %#", (wrong, message) => {
    expect(() => parseCalibration(wrong, "c.txt")).toThrow(message);
  });

  it("says the line of a text without a path", () => {
    expect(() => parseCalibration("P0: 1")).toThrow("parseCalibration: line 1: expected 12 numbers for P0, got 1");
  });

  it("refuses to write what is no calibration", () => {
    expect(() => encodeCalibration({ ...upright, p1: new Float64Array(3) })).toThrow(
      "encodeCalibration: expected 12 numbers for p1, got 3",
    );
    expect(() => encodeCalibration({ ...upright, p1: undefined } as unknown as Calibration)).toThrow(
      "for p1, got none",
    );
    expect(() => encodeCalibration({ ...upright, r0Rect: new Float64Array(9).fill(Number.NaN) })).toThrow(
      "encodeCalibration: expected finite numbers for r0Rect, got NaN",
    );
  });
});

describe("readCalibration and writeCalibration", () => {
  it("write, then read", () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, "c.txt");
      await writeCalibration(path, upright);
      expect(await readCalibration(path)).toEqual(upright);
    }));

  it("a missing file says what it was wanted for; a huge one is not read", () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, "c.txt");
      await expect(readCalibration(path)).rejects.toThrow(
        `readCalibration: ${path}: expected to read the calibration, got no such file or folder`,
      );
      const handle = await open(path, "w");
      await handle.truncate(10 * 2 ** 30); // sparse: takes no room
      await handle.close();
      await expect(readCalibration(path)).rejects.toThrow(
        `readCalibration: ${path}: expected at most 1048576 bytes for the calibration, got 10737418240`,
      );
    }));
});
