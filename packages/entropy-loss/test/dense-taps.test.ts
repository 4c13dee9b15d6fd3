import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { seededRandom } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, it } from "vitest";
import { entropyLoss, measureEntropies } from "../src/index.js";

describe.each(["cpu", "simd"])("taps of dense layers [B, F] on %s", (backend) => {
  beforeAll(async () => {
    registerSimdBackend();
    await tf.setBackend(backend);
  });

  it("by hand: rows are the samples, in one dimension", () => {
    // rows 0, 1, 3 in R: nearest distances 1, 1, 2; tripled, ln 3 more per dimension
    const taps = [0, 1].map((tap) =>
      tf.tensor2d(
        [0, 1, 3].map((v) => v * 3 ** tap),
        [3, 1],
      ),
    );
    const [[first, second]] = measureEntropies([taps]);
    // ψ(3) − ψ(1) + ln 2 + (ln 2)/3, ψ(3) − ψ(1) = 1 + 1/2
    expect(first).toBeCloseTo(1.5 + (4 / 3) * Math.LN2, 6);
    expect(second - first).toBeCloseTo(Math.log(3), 6);
  });

  it("the order of the rows does not matter, and gradients reach each row", () => {
    const rng = seededRandom(8);
    const rows = Array.from({ length: 12 }, () => Array.from({ length: 5 }, () => rng()));
    const make = (list: number[][]) =>
      [1, 2, 5].map((power) => tf.tensor2d(list.map((row) => row.map((v) => v ** power))));
    const options = { l2: "neg_square" } as const;
    const { value, grad } = tf.valueAndGrad(
      (x) => entropyLoss([[...make(rows).slice(0, 2), x as tf.Tensor2D]], options).loss,
    )(make(rows)[2]);
    const reversed = entropyLoss([make([...rows].reverse())], options).loss.dataSync()[0];
    expect(value.dataSync()[0]).toBeCloseTo(reversed, 6);
    const slopes = grad.dataSync();
    for (let row = 0; row < 12; row++)
      expect(Math.max(...slopes.slice(row * 5, row * 5 + 5).map(Math.abs))).toBeGreaterThan(0);
  });

  it("refuses other ranks, and two ranks in a block", () => {
    const three = tf.ones([2, 3, 4]) as unknown as tf.Tensor2D;
    expect(() => entropyLoss([[three]])).toThrow("expected [B,H,W,C] or [B,F] for tap 0.0, got [2,3,4]");
    expect(() => entropyLoss([[tf.ones([2, 3]), tf.ones([2, 3, 4, 5])]])).toThrow(
      "shape [2,3] of its block for tap 0.1",
    );
  });
});
