import { describe, expect, test } from "vitest";
import { type CameraFrame, collateCameras, type PreparedImage } from "../src/index.js";
import { tinyCameraConfig, tinyFusions } from "./tiny/tiny-camera.js";
import { tinyConfig } from "./tiny/tiny-config.js";

/** An image of one value, as if it had been decoded at this size. */
function plainImage(width: number, height: number, value: number): PreparedImage {
  const unmoved = { factor: 1, offset: 0 };
  return { pixels: new Float32Array(3 * width * height).fill(value), width, height, x: unmoved, y: unmoved };
}

/** u = (40·x − 8·y)/x, v = (16·x − 8·z)/x: looks along x, y = z = 0 is seen at (40, 16). */
const LOOKS_FORWARD = Float64Array.of(40, -8, 0, 0, 16, 0, -8, 0, 1, 0, 0, 0);

describe("collateCameras", () => {
  test("fills smaller images up with zeros, right and below", () => {
    const config = tinyCameraConfig(tinyFusions.concat);
    const frames = [plainImage(33, 16, 1), plainImage(20, 30, 2)].map((image) => ({
      image,
      lidarToImage: LOOKS_FORWARD,
    }));
    const { pixels, width, height, samples } = collateCameras(frames, config);
    // to multiples of 16
    expect([width, height, samples]).toEqual([48, 32, undefined]);
    const at = (i: number, y: number, x: number) => pixels[3 * ((i * height + y) * width + x)];
    expect([at(0, 0, 0), at(0, 15, 32), at(0, 16, 0), at(0, 0, 33)]).toEqual([1, 1, 0, 0]);
    expect([at(1, 29, 19), at(1, 30, 0), at(1, 0, 20)]).toEqual([2, 0, 0]);
    expect(pixels.reduce((sum, v) => sum + v, 0)).toBe(3 * (33 * 16 + 2 * 20 * 30));
  });

  test("project, by hand: which places a cell's centre falls between", () => {
    // A map of 4 × 4 cells of 2 m from x = 0, y = −4. Features lie on each eighth pixel; 80 × 32 pixels have 10 × 4 of them.
    const config = tinyCameraConfig(tinyFusions.concat, { kind: "project", height: -1 });
    const { samples } = collateCameras([{ image: plainImage(80, 32, 0), lidarToImage: LOOKS_FORWARD }], config);
    const cell = (row: number, column: number) => {
      const at = 4 * (row * 4 + column);
      return { places: [...samples!.places.subarray(at, at + 4)], weights: [...samples!.weights.subarray(at, at + 4)] };
    };
    // x = 3, y = 1, z = −1: u = 40 − 8/3 = 8·(4 + 2/3), v = 16 + 8/3 = 8·(2 + 1/3)
    const { places, weights } = cell(2, 1);
    expect(places).toEqual([24, 25, 34, 35]);
    [2 / 9, 4 / 9, 1 / 9, 2 / 9].forEach((share, k) => {
      expect(weights[k]).toBeCloseTo(share, 6);
    });
    // x = 1, y = 3: u = 16, v = 24: the last row of features, on place (2, 3)
    expect(cell(3, 0)).toEqual({ places: [32, 33, 32, 33], weights: [1, 0, 0, 0] });
  });

  test("project: a cell that the camera does not see takes nothing", () => {
    const config = tinyCameraConfig(tinyFusions.concat, { kind: "project", height: -1 });
    const behind = LOOKS_FORWARD.map((m, i) => (i === 8 ? -m : m));
    const image = plainImage(80, 32, 0);
    const frames: CameraFrame[] = [
      { image, lidarToImage: behind },
      { image: plainImage(80, 8, 0), lidarToImage: LOOKS_FORWARD }, // every cell is below this image
      { image, lidarToImage: LOOKS_FORWARD },
    ];
    const { weights, places } = collateCameras(frames, config).samples!;
    expect(weights.subarray(0, 128).every((w) => w === 0)).toBe(true);
    // Of those that see: weights sum to one, places are the third image's.
    for (let at = 128; at < 192; at += 4) {
      const sum = weights.subarray(at, at + 4).reduce((a, b) => a + b, 0);
      expect(sum === 0 || Math.abs(sum - 1) < 1e-6).toBe(true);
      if (sum > 0) expect(Math.min(...places.subarray(at, at + 4))).toBeGreaterThanOrEqual(2 * 40);
    }
  });

  test("a mirrored image is sampled where the mirrored pixel is", () => {
    const config = tinyCameraConfig(tinyFusions.concat, { kind: "project", height: -1 });
    const image = plainImage(73, 32, 0);
    const mirrored = { ...image, x: { factor: -1, offset: 72 } };
    const [plain, other] = [image, mirrored].map(
      (each) => collateCameras([{ image: each, lidarToImage: LOOKS_FORWARD }], config).samples!,
    );
    const column = ({ places, weights }: typeof plain, cell: number) =>
      [0, 1, 2, 3].reduce((sum, k) => sum + (places[4 * cell + k] % 10) * weights[4 * cell + k], 0);
    for (let cell = 0; cell < 16; cell++) {
      if (plain.weights[4 * cell] + plain.weights[4 * cell + 1] === 0) continue;
      expect(column(plain, cell) + column(other, cell)).toBeCloseTo(9, 5);
    }
  });

  test("refuses a configuration without a camera, and no camera at all", () => {
    expect(() => collateCameras([], tinyCameraConfig(tinyFusions.concat))).toThrow(
      "collateCameras: expected one camera or more, got none",
    );
    expect(() => collateCameras([{ image: plainImage(8, 8, 0), lidarToImage: LOOKS_FORWARD }], tinyConfig())).toThrow(
      "collateCameras: expected a camera in tiny, got none",
    );
  });
});
