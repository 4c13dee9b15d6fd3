import * as tf from "@tensorflow/tfjs-core";
import { entropyLoss } from "entropy-loss";
import { beforeAll, describe, expect, it } from "vitest";
import { builtinRecipe } from "../src/recipe/builtin-recipes.js";
import { randomStream } from "../src/system/random.js";
import { startBackend } from "../src/system/start-backend.js";
import { shuffledTap } from "../src/training/shuffled-taps.js";
import { lossOptions, measuredTaps, trainedTaps } from "../src/training/tap-loss.js";

beforeAll(() => startBackend("simd"));

/** Normal numbers of their own for each name. */
function normals(shape: [number, number, number, number], name: string): tf.Tensor4D {
  const rng = randomStream(1, name);
  const normal = () => Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng());
  return tf.tensor4d(Float32Array.from({ length: shape.reduce((a, b) => a * b) }, normal), shape);
}

describe("shuffledTap", () => {
  it("by hand: of two channels one moves by a position, the other by two", () => {
    const x = tf.tensor4d([1, 10, 2, 20, 3, 30, 4, 40], [1, 2, 2, 2]);
    const draws = [0.3, 0.6].values(); // ⌊4 · 0.3⌋ = 1 and ⌊4 · 0.6⌋ = 2
    const moved = shuffledTap(x, () => draws.next().value!);
    expect([...moved.dataSync()]).toEqual([4, 30, 1, 40, 2, 10, 3, 20]);
  });

  it("keeps what each channel of each image holds, and moves every gradient back: ⟨Sx, y⟩ = ⟨x, Sᵀy⟩", () => {
    const [x, y] = [normals([2, 3, 5, 4], "x"), normals([2, 3, 5, 4], "y")];
    const moved = shuffledTap(x, randomStream(0, "offsets"));
    const channel = (of: tf.Tensor, image: number, c: number) =>
      [...tf.slice(of, [image, 0, 0, c], [1, 3, 5, 1]).dataSync()].sort();
    for (const image of [0, 1]) {
      for (const c of [0, 1, 2, 3]) expect(channel(moved, image, c)).toEqual(channel(x, image, c));
    }
    expect([...moved.dataSync()]).not.toEqual([...x.dataSync()]);
    const back = tf.grad((x) => shuffledTap(x as tf.Tensor4D, randomStream(0, "offsets")))(x, y);
    const dot = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(a, b)).dataSync()[0];
    expect(dot(x, back)).toBeCloseTo(dot(moved, y), 4);
  });

  it("refuses what is no map", () => {
    expect(() => shuffledTap(tf.zeros([2, 3]) as tf.Tensor2D, Math.random)).toThrow(
      "shuffledTap: expected [B,H,W,C] for x, got [2,3]",
    );
  });
});

describe("the loss on shuffled taps", () => {
  const config = { ...builtinRecipe("second-small").entropyLoss, taps: "shuffled" as const, k: 2 };
  const shape: [number, number, number, number] = [1, 3, 4, 6];
  const taps = () => [[normals(shape, "a"), normals(shape, "b"), normals(shape, "c")]];

  it("is that of moved channels, anew at each time and the same at one; what is reported is of the taps", () => {
    const own = entropyLoss(taps(), lossOptions(config));
    const at = (time: number, seed = 0) => trainedTaps(config, seed)(taps(), time).loss.dataSync()[0];
    expect(at(0.5)).toBe(at(0.5));
    expect(new Set([own.loss.dataSync()[0], at(0.5), at(0.25), at(0.5, 1)]).size).toBe(4);
    const { report } = trainedTaps(config, 0)(taps(), 0.5);
    expect(report.l1.dataSync()[0]).toBe(own.loss.dataSync()[0]);
    const measured = measuredTaps(config)(taps(), 0.5);
    expect([measured.loss.dataSync()[0], measured.report.l1.dataSync()[0]]).toEqual([0, own.loss.dataSync()[0]]);
  });

  it("has the gradient of central differences", () => {
    const [[first, second, third]] = taps();
    const loss = trainedTaps(config, 3);
    const of = (x: tf.Tensor) => loss([[first, x as tf.Tensor4D, third]], 0.5).loss;
    const gradient = tf.grad(of)(second).dataSync();
    const values = second.dataSync().slice();
    const step = 2e-3;
    const scale = Math.max(...gradient.map(Math.abs));
    expect(scale).toBeGreaterThan(0);
    for (let i = 0; i < values.length; i += 5) {
      const [up, down] = [step, -step].map((by) => {
        const changed = values.slice();
        changed[i] += by;
        return of(tf.tensor4d(changed, shape)).dataSync()[0];
      });
      // float32 of the loss: some 1e-7 of it over a step of 2e-3; curvature adds the square of the step
      expect(Math.abs((up - down) / (2 * step) - gradient[i])).toBeLessThan(0.02 * scale);
    }
  });
});
