import { expectClose, seededRandom } from "test-support";
import { describe, expect, test } from "vitest";
import { prepareImage, type RgbImage } from "../src/index.js";

const PLAIN = {
  testSize: [8, 8],
  trainSizes: [
    [8, 8],
    [8, 8],
  ],
  order: "rgb",
  mean: [0, 0, 0],
  deviation: [1, 1, 1],
  multiple: 1,
} as const;
/** Sums of four products of float64, stored as float32. */
const ROUNDING = { ofLargest: 1e-6 };

function randomImage(width: number, height: number, seed: number): RgbImage {
  const rng = seededRandom(seed);
  return { width, height, data: Uint8Array.from({ length: 3 * width * height }, () => Math.floor(256 * rng())) };
}

/** Value of a channel between pixels, their centres at whole numbers, the border repeated outwards. */
function bilinear({ data, width, height }: RgbImage, u: number, v: number, channel: number): number {
  let sum = 0;
  for (let y = Math.floor(v); y <= Math.floor(v) + 1; y++) {
    for (let x = Math.floor(u); x <= Math.floor(u) + 1; x++) {
      const [row, column] = [Math.min(Math.max(y, 0), height - 1), Math.min(Math.max(x, 0), width - 1)];
      const weight = (1 - Math.abs(u - x)) * (1 - Math.abs(v - y));
      sum += weight * data[3 * (row * width + column) + channel];
    }
  }
  return sum;
}

describe("prepareImage", () => {
  test("by hand: two grey pixels made four times as wide", () => {
    // Centres of the new pixels lie at −3/8, −1/8, 1/8, …, 11/8 of the old ones; the outer two repeat the border.
    const image = { width: 2, height: 1, data: Uint8Array.of(0, 0, 0, 80, 80, 80) };
    const { pixels, width, height } = prepareImage(image, PLAIN);
    expect([width, height]).toEqual([8, 4]);
    const red = pixels.filter((_, i) => i % 3 === 0);
    expect([...red.subarray(0, 8)]).toEqual([0, 0, 10, 30, 50, 70, 80, 80]);
    expect([...red.subarray(24)]).toEqual([...red.subarray(0, 8)]);
  });

  test("normalises each channel in the order asked for", () => {
    const image = { width: 1, height: 1, data: Uint8Array.of(10, 20, 30) };
    const numbers = { mean: [1, 2, 3], deviation: [1, 2, 4], testSize: [1, 1] } as const;
    expect([...prepareImage(image, { ...PLAIN, ...numbers }).pixels]).toEqual([9, 9, 27 / 4]);
    expect([...prepareImage(image, { ...PLAIN, ...numbers, order: "bgr" }).pixels]).toEqual([29, 9, 7 / 4]);
  });

  test("the size of a KITTI image within 1333 × 800", () => {
    // 1242 × 375: the factor is 1333/1242, and 375 of it 402.48
    const image = { width: 1242, height: 375, data: new Uint8Array(3 * 1242 * 375) };
    const { width, height, pixels } = prepareImage(image, { ...PLAIN, testSize: [1333, 800] });
    expect([width, height, pixels.length]).toEqual([1333, 402, 3 * 1333 * 402]);
  });

  test.each([
    [7, 5, [16, 11]],
    [16, 9, [7, 6]],
    [3, 8, [20, 9]],
    [1, 1, [4, 4]],
    [6, 6, [6, 6]],
  ] as const)("agrees with interpolation at each place: %i × %i into %o", (width, height, size) => {
    const image = randomImage(width, height, 10 * width + height);
    for (const mirrored of [false, true]) {
      const out = prepareImage(image, { ...PLAIN, testSize: size }, { mirrored });
      const expected = new Float32Array(out.pixels.length);
      for (let y = 0, at = 0; y < out.height; y++) {
        for (let x = 0; x < out.width; x++) {
          // where this pixel was, by the map that goes the other way
          const u = (x - out.x.offset) / out.x.factor;
          const v = (y - out.y.offset) / out.y.factor;
          for (let c = 0; c < 3; c++) expected[at++] = bilinear(image, u, v, c);
        }
      }
      expectClose(out.pixels, expected, { ...ROUNDING, label: `mirrored ${mirrored}` });
    }
  });

  test("mirrored: the columns in reverse", () => {
    const image = randomImage(9, 4, 5);
    const size = [13, 13] as const;
    const [plain, mirrored] = [false, true].map((mirrored) => prepareImage(image, PLAIN, { size, mirrored }));
    const { width, height } = plain;
    expect([mirrored.width, mirrored.height]).toEqual([width, height]);
    for (let pixel = 0; pixel < width * height; pixel++) {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      const other = y * width + (width - 1 - x);
      expect(mirrored.pixels.subarray(3 * pixel, 3 * pixel + 3)).toEqual(
        plain.pixels.subarray(3 * other, 3 * other + 3),
      );
    }
  });

  test("refuses pixels that do not fit the size", () => {
    const image = { width: 4, height: 2, data: new Uint8Array(23) };
    expect(() => prepareImage(image, PLAIN)).toThrow("prepareImage: expected 4 × 2 × 3 numbers for image.data, got 23");
  });
});
