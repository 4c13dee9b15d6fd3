import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { seededRandom } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, it } from "vitest";
import {
  AUTHOR_PRESET,
  type EntropyLossOptions,
  entropyLoss,
  entropyProfile,
  formatEntropyProfile,
  measureEntropies,
  readEntropyProfile,
} from "../src/index.js";
import { authorLoop } from "./oracle/author-loop.js";

const shape: [number, number, number, number] = [2, 4, 5, 21];
const rng = seededRandom(4);
const maps = Array.from({ length: 4 }, (_, tap) =>
  Float32Array.from({ length: 2 * 4 * 5 * 21 }, () => (1 + tap * 0.7 * (tap % 2)) * Math.max(0, rng() - 0.3)),
);
const makeTaps = (all = maps) => all.map((map) => tf.tensor4d(map, shape));

describe("entropyProfile by hand", () => {
  // ΔH = 1, −2, 4: mean 1, deviations 0, −3, 3
  const entropies = [[0, 1, -1, 3]];
  it.each([
    [{}, 6, 0],
    [{ variance: "unbiased" }, 9, 0],
    [{ l2: "neg_square" }, 6, -21],
    [{ l2: "neg_abs" }, 6, -7 / 3],
    [{ l2: "hinge" }, 6, 5 / 3],
  ] as const)("%o: L1 %d, L2 %d", (options, l1, l2) => {
    const profile = entropyProfile(entropies, { ...options, l1Weight: 2, l2Weight: 0.5 });
    expect(profile.l1).toBeCloseTo(l1, 12);
    expect(profile.l2).toBeCloseTo(l2, 12);
    expect(profile.loss).toBeCloseTo(2 * l1 + 0.5 * l2, 12);
    expect(profile.blocks[0].differences).toEqual([1, -2, 4]);
  });

  it("adds the blocks; one tap or one difference adds nothing to L1", () => {
    const { l1, blocks } = entropyProfile([[0, 1, -1, 3], [5], [5, 7]], { blocks: [0, 2, 3] });
    expect(l1).toBe(6);
    expect(blocks.map(({ block }) => block)).toEqual([0, 2, 3]);
  });

  it("R² of the line through the layers, and the share of a total loss", () => {
    const { blocks, share } = entropyProfile(
      [
        [4, 3, 2, 1],
        [0, 1, 0],
        [1, 2],
        [2, 2, 2],
      ],
      { totalLoss: 8 },
    );
    expect(blocks.map(({ r2 }) => r2)).toEqual([1, 0, undefined, undefined]);
    // Only block 1 has a variance: ΔH = 1, −1.
    expect(share).toBeCloseTo(1 / 8, 12);
    expect(entropyProfile([[1, 2, 3]]).share).toBeUndefined();
    // Against the mean 8/3 the squares are 14/3, those of the line's residuals (−1, 2, −1)/6 are 1/6.
    expect(entropyProfile([[1, 3, 4]]).blocks[0].r2).toBeCloseTo(1 - 1 / 6 / (14 / 3), 12);
  });

  it("as text", () => {
    expect(formatEntropyProfile(entropyProfile([[0.5, 1.5, 1]]))).toBe(
      [
        "block 0   L1 5.625e-1",
        `  0  H +0.50000  ΔH            ${"█".repeat(1)}`,
        `  1  H +1.50000  ΔH  +1.00000  ${"█".repeat(24)}`,
        `  2  H +1.00000  ΔH  −0.50000  ${"█".repeat(13)}`,
        "L1 5.625e-1   L2 0.000e+0   loss 5.625e-1",
      ].join("\n"),
    );
  });
});

describe.each(["cpu", "simd"])("entropyLoss on %s", (backend) => {
  beforeAll(async () => {
    registerSimdBackend();
    await tf.setBackend(backend);
  });

  it("author preset equals the literal loop", () => {
    const lists = maps.map((map) =>
      [0, 1].map((b) =>
        Array.from({ length: 21 }, (_, c) => Array.from({ length: 20 }, (_, p) => map[(b * 20 + p) * 21 + c])),
      ),
    );
    const expected = authorLoop(lists);
    const { loss, profile } = entropyLoss([makeTaps(), makeTaps().reverse()], AUTHOR_PRESET);
    profile.entropies[0].dataSync().forEach((h, tap) => {
      expect(Math.abs(h - expected.entropies[tap])).toBeLessThan(5e-7 * expected.entropies[tap]);
    });
    expect(Math.abs(loss.dataSync()[0] - expected.loss)).toBeLessThan(1e-4 * expected.loss);
    expect(profile.blocks).toEqual([0]);
  });

  it("L1 is 0 when each layer is the last one, scaled by the same factor", () => {
    const scaled = [1, 2, 4, 8].map((factor) => maps[0].map((v) => v * factor));
    const { loss, profile } = entropyLoss([makeTaps(scaled)]);
    // float32 entropies near 1: each difference is off by at most 1.2e-7
    expect(loss.dataSync()[0]).toBeLessThan(1e-13);
    for (const d of profile.differences[0].dataSync()) expect(d).toBeCloseTo(Math.LN2, 6);
  });

  it.each(["none", "neg_square", "neg_abs", "hinge"] as const)("tensors agree with plain numbers, l2 %s", (l2) => {
    const options: EntropyLossOptions = { l2, l1Weight: 0.5, l2Weight: 2, coverage: [1, 0], variance: "unbiased" };
    const taps = [makeTaps(), makeTaps([maps[1], maps[0], maps[3], maps[2]])];
    const { loss, profile } = entropyLoss(taps, options);
    const numbers = readEntropyProfile(profile, options);
    expect(numbers.blocks.map(({ block }) => block)).toEqual([1, 0]);
    expect(numbers.blocks.map(({ entropies }) => entropies)).toEqual(measureEntropies(taps, options));
    expect(Math.abs(profile.l1.dataSync()[0] - numbers.l1)).toBeLessThan(1e-4 * numbers.l1);
    expect(Math.abs(loss.dataSync()[0] - numbers.loss)).toBeLessThan(1e-4 * Math.abs(numbers.loss));
  });

  it.each([
    ["kl", { l2: "neg_square", l2Weight: 0.3 }],
    ["author", AUTHOR_PRESET],
  ] as const)("%s: gradient along a direction is the central difference", (_, options) => {
    const lossOf = (tap: tf.Tensor4D) => entropyLoss([[...makeTaps().slice(0, 3), tap]], options).loss;
    const gradient = tf.grad((x) => lossOf(x as tf.Tensor4D))(makeTaps()[3]);
    const size = tf.norm(gradient).dataSync()[0];
    const direction = tf.div(gradient, size);
    const step = 0.02;
    const at = (by: number) => lossOf(tf.add(makeTaps()[3], tf.mul(direction, by)) as tf.Tensor4D).dataSync()[0];
    expect(Math.abs((at(step) - at(-step)) / (2 * step) - size)).toBeLessThan(5e-3 * size);
  });

  it("k may be a share of the channels: of 21, C/10 is 2, the default, C/50 is 1", () => {
    const at = (k?: EntropyLossOptions["k"]) => measureEntropies([makeTaps()], { k });
    expect(at("C/10")).toEqual(at(2));
    expect(at()).toEqual(at(2));
    expect(at("C/50")).toEqual(at(1));
    expect(at(5)).not.toEqual(at(2));
  });

  it("leaves no tensor behind", () => {
    const taps = makeTaps();
    const before = tf.memory().numTensors;
    tf.dispose(tf.grads((...xs) => entropyLoss([xs as tf.Tensor4D[]]).loss)(taps));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("refuses", () => {
  it.each([
    [() => entropyLoss([[...makeTaps(), tf.zeros([2, 4, 5, 20])]]), "shape [2,4,5,21] of its block for tap 0.4"],
    [() => entropyLoss([makeTaps()], { coverage: [1] }), "expected different indices in 0..0 for coverage, got [1]"],
    [() => entropyLoss([makeTaps().slice(2)], { variance: "unbiased" }), "at least 3 taps for block 0"],
    [() => entropyLoss([[]]), "at least one tap for block 0"],
    [() => entropyLoss([makeTaps()], { l1Weight: Number.NaN }), "a finite number for l1Weight, got NaN"],
    [() => entropyLoss([makeTaps()], { k: "C/0" }), "expected a whole number of at least 1, or C/n, for k, got C/0"],
    [() => entropyLoss([makeTaps()], { k: 1.5 }), "or C/n, for k, got 1.5"],
    [() => entropyLoss(makeTaps() as unknown as tf.Tensor4D[][]), "expected blocks of tensors for taps"],
    [() => entropyProfile([[1, 2]], { blocks: [] }), "expected 1 indices for blocks, got 0"],
  ])("%#", (call, message) => {
    expect(call).toThrow(message);
  });
});
