import { seededRandom } from "test-support";
import { describe, expect, test } from "vitest";
import { decodeBoxes, encodeBoxes } from "../src/index.js";

describe("box code", () => {
  test("by hand: an anchor of 4 × 3 × 2 has the diagonal 5", () => {
    const anchor = [10, 20, -1, 4, 3, 2, 0.5];
    const box = [15, 10, 0, 4 * Math.E, 3, 1, 4];
    const code = [1, -2, 0.5, 1, 0, -Math.LN2, 3.5];
    encodeBoxes(box, anchor).forEach((value, i) => {
      expect(value).toBeCloseTo(code[i], 14);
    });
    decodeBoxes(code, anchor).forEach((value, i) => {
      expect(value).toBeCloseTo(box[i], 13);
    });
  });

  test("a box equal to its anchor is all zeros, and nothing gives nothing", () => {
    const anchor = Float64Array.of(1, 2, 3, 4, 5, 6, 7);
    expect([...encodeBoxes(anchor, anchor)]).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect([...decodeBoxes(new Float64Array(7), anchor)]).toEqual([...anchor]);
    expect(encodeBoxes([], []).length).toBe(0);
  });

  test("decoding inverts encoding, both ways, and the yaw is not wrapped", () => {
    const rng = seededRandom(21);
    const rows = 500;
    const draw = () =>
      Float64Array.from({ length: rows * 7 }, (_, i) =>
        i % 7 >= 3 && i % 7 < 6 ? 0.1 + 5 * rng() : 60 * (rng() - 0.5),
      );
    const [boxes, anchors] = [draw(), draw()];
    const back = decodeBoxes(encodeBoxes(boxes, anchors), anchors);
    const codes = draw().map((value) => value / 30);
    const again = encodeBoxes(decodeBoxes(codes, anchors), anchors);
    for (let i = 0; i < boxes.length; i++) {
      expect(Math.abs(back[i] - boxes[i]), `number ${i}`).toBeLessThan(1e-12);
      expect(Math.abs(again[i] - codes[i]), `number ${i}`).toBeLessThan(1e-12);
    }
  });

  test("errors", () => {
    expect(() => encodeBoxes([1, 2], [1, 2])).toThrow(
      "encodeBoxes: expected two arrays [n, 7] of one length, got lengths 2 and 2",
    );
    expect(() => decodeBoxes(new Float64Array(7), new Float64Array(14))).toThrow("got lengths 7 and 14");
  });
});
