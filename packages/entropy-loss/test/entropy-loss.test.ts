import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expectClose, seededRandom, slopeAtZero } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, it } from "vitest";
import {
  AUTHOR_PRESET,
  type EntropyLossOptions,
  entropyLoss,
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

/** Taps whose entropies change by the given differences: a layer that is e^d times another has H larger by d. */
function tapsChangingBy(...differences: number[]): tf.Tensor4D[] {
  const gains = [1];
  for (const d of differences) gains.push(gains[gains.length - 1] * Math.exp(d));
  return makeTaps(gains.map((gain) => maps[0].map((v) => v * gain)));
}

describe("terms by hand", () => {
  beforeAll(async () => {
    registerSimdBackend();
    await tf.setBackend("simd");
  });

  // ΔH = 1, −2, 4: mean 1, deviations 0, −3, 3
  it.each([
    [{}, 6, 0],
    [{ variance: "unbiased" }, 9, 0],
    [{ l2: "neg_square" }, 6, -21],
    [{ l2: "neg_abs" }, 6, -7 / 3],
    [{ l2: "hinge" }, 6, 5 / 3],
  ] as const)("%o: L1 %d, L2 %d", (options, l1, l2) => {
    const { profile } = entropyLoss([tapsChangingBy(1, -2, 4)], { ...options, l1Weight: 2, l2Weight: 0.5 });
    const numbers = readEntropyProfile(profile);
    // float32 entropies of size 1 to 4, each off by at most 2.4e-7
    expect(numbers.l1).toBeCloseTo(l1, 5);
    expect(numbers.l2).toBeCloseTo(l2, 5);
    expect(numbers.loss).toBeCloseTo(2 * l1 + 0.5 * l2, 5);
    [1, -2, 4].forEach((d, n) => {
      expect(numbers.blocks[0].differences[n]).toBeCloseTo(d, 6);
    });
  });

  it("adds the blocks; one tap or one difference adds nothing to L1", () => {
    const blocks = [tapsChangingBy(1, -2, 4), tapsChangingBy(1, -1), tapsChangingBy(), tapsChangingBy(2)];
    const numbers = readEntropyProfile(entropyLoss(blocks, { coverage: [0, 2, 3] }).profile);
    expect(numbers.l1).toBeCloseTo(6, 5);
    expect(numbers.blocks.map(({ block, l1 }) => [block, l1])).toEqual([
      [0, numbers.l1],
      [2, 0],
      [3, 0],
    ]);
    expect(readEntropyProfile(entropyLoss(blocks).profile).l1).toBeCloseTo(7, 5);
    expect(readEntropyProfile(entropyLoss(blocks, { coverage: [] }).profile).loss).toBe(0);
  });

  it("R² of the line through the layers, and the share of a total loss", () => {
    const blocks = [tapsChangingBy(-1, -1, -1), tapsChangingBy(1, -1), tapsChangingBy(2, 1), tapsChangingBy(1)];
    const { profile } = entropyLoss([...blocks, tapsChangingBy(0, 0)]);
    const r2 = readEntropyProfile(profile).blocks.map((block) => block.r2);
    // Against the mean 5/3 the squares of H = 0, 2, 3 are 14/3, those of the line's residuals (−1, 2, −1)/6 are 1/6.
    [1, 0, 1 - 1 / 6 / (14 / 3)].forEach((expected, block) => {
      expect(r2[block]).toBeCloseTo(expected, 6);
    });
    expect(r2.slice(3)).toEqual([undefined, undefined]);
    // ΔH = 1, −1 has a variance of 1, and 2, 1 one of 1/4
    expect(readEntropyProfile(profile, { totalLoss: 8 }).share).toBeCloseTo(1.25 / 8, 6);
    expect(readEntropyProfile(profile).share).toBeUndefined();
  });

  it("as text", () => {
    const block = { block: 0, entropies: [0.5, 1.5, 1], differences: [1, -0.5], l1: 0.5625, l2: 0, r2: 0.25 };
    expect(formatEntropyProfile({ blocks: [block], l1: 0.5625, l2: 0, loss: 0.5625, share: undefined })).toBe(
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
    profile.blocks[0].entropies.dataSync().forEach((h, tap) => {
      expect(Math.abs(h - expected.entropies[tap])).toBeLessThan(5e-7 * expected.entropies[tap]);
    });
    expect(Math.abs(loss.dataSync()[0] - expected.loss)).toBeLessThan(1e-4 * expected.loss);
    expect(profile.blocks.map(({ block }) => block)).toEqual([0]);
  });

  it("L1 is 0 when each layer is the last one, scaled by the same factor", () => {
    const scaled = [1, 2, 4, 8].map((factor) => maps[0].map((v) => v * factor));
    const { loss, profile } = entropyLoss([makeTaps(scaled)]);
    // float32 entropies near 1: each difference is off by at most 1.2e-7
    expect(loss.dataSync()[0]).toBeLessThan(1e-13);
    for (const d of profile.blocks[0].differences.dataSync()) expect(d).toBeCloseTo(Math.LN2, 6);
  });

  it("the profile in numbers is what the loss is made of, block by block", () => {
    const options: EntropyLossOptions = { l2: "hinge", l1Weight: 0.5, l2Weight: 2, coverage: [1, 0] };
    const taps = [makeTaps(), makeTaps([maps[1], maps[0], maps[3], maps[2]])];
    const { loss, profile } = entropyLoss(taps, options);
    const { blocks, l1, l2, ...numbers } = readEntropyProfile(profile);
    expect(numbers.loss).toBe(loss.dataSync()[0]);
    expect(0.5 * l1 + 2 * l2).toBeCloseTo(numbers.loss, 6);
    expect(blocks.map(({ block }) => block)).toEqual([1, 0]);
    expect(blocks.map(({ entropies }) => entropies)).toEqual(measureEntropies(taps, options));
    expect(blocks[0].l1 + blocks[1].l1).toBeCloseTo(l1, 6);
    expect(blocks[0].l2 + blocks[1].l2).toBeCloseTo(l2, 6);
    for (const { entropies, differences } of blocks) {
      expect(differences).toEqual(entropies.slice(1).map((h, n) => Math.fround(h - entropies[n])));
    }
  });

  it.each([
    ["kl", { l2: "neg_square", l2Weight: 0.3 }],
    ["author", AUTHOR_PRESET],
  ] as const)("%s: gradient along a direction is the central difference", (_, options) => {
    const lossOf = (tap: tf.Tensor4D) => entropyLoss([[...makeTaps().slice(0, 3), tap]], options).loss;
    const gradient = tf.grad((x) => lossOf(x as tf.Tensor4D))(makeTaps()[3]);
    const size = tf.norm(gradient).dataSync()[0];
    const direction = tf.div(gradient, size);
    const at = (by: number) => lossOf(tf.add(makeTaps()[3], tf.mul(direction, by)) as tf.Tensor4D).dataSync()[0];
    expectClose(slopeAtZero(at, 0.02), size, { relative: 5e-3 });
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
    [() => measureEntropies([makeTaps()], { k: 0 }), "measureEntropies: expected a whole number of at least 1"],
    [() => entropyLoss([makeTaps()], { k: 1.5 }), "or C/n, for k, got 1.5"],
    [() => entropyLoss(makeTaps() as unknown as tf.Tensor4D[][]), "expected blocks of tensors for taps"],
  ])("%#", (call, message) => {
    expect(call).toThrow(message);
  });
});
