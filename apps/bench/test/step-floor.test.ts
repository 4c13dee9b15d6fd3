import { openRecipe } from "eloss/step";
import type { DetectorBatch } from "second-detector";
import type { Rulebook } from "sparse-conv";
import { describe, expect, it } from "vitest";
import { multiplyAddsOf } from "../src/step/operation-work.js";
import { inferenceWork, stepWork } from "../src/step/step-floor.js";

const recipe = openRecipe(new URL("../../train/test/fixtures/tiny.yaml", import.meta.url).pathname);

/** A rulebook of one output row per input row and that many pairs. */
function rulebook(rows: number, pairs: number): Rulebook {
  const map = { taps: 27, starts: new Int32Array(28), inputs: new Int32Array(pairs), outputs: new Int32Array(pairs) };
  const outputCoords = new Int32Array(4 * rows);
  return { kernel: [3, 3, 3], inRows: rows, outRows: rows, outputCoords, outputShape: [2, 16, 16], batchSize: 2, map };
}

const batchOf = (rows: number, pairs: number): DetectorBatch => ({
  kind: "voxels",
  features: new Float32Array(4 * rows),
  coords: new Int32Array(4 * rows),
  batchSize: 2,
  rulebooks: Array.from({ length: 12 }, () => rulebook(rows, pairs)),
});

// tiny: encoder 4 → 4, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8, 8 channels; the bird's-eye map is 16 × 16 with 2 · 8 channels;
// block 0: 16 → 12, 12, 12 at 16 × 16; block 1: 12 → 16, 16, 16 at 8 × 8; neck: 1×1 12 → 8 at 16 × 16, 2×2 16 → 8
// from 8 × 8; heads 1×1 of 16 → 2 (cls), 14 (box), 4 (dir) for 2 anchors of one class.
const block0 = 256 * 9 * (16 * 12 + 12 * 12 + 12 * 12);
const block1 = 64 * 9 * (12 * 16 + 16 * 16 + 16 * 16);
const neck = 256 * 12 * 8 + 64 * 4 * 16 * 8;
const heads = 256 * 16 * (2 + 14 + 4);

describe("stepWork", () => {
  it("counts the dense layers' multiply-adds: 2 scans, 3 directions", () => {
    const { multiplyAdds } = stepWork(recipe, batchOf(0, 0), { entropyLoss: false });
    expect(multiplyAdds).toBe(2 * 3 * (block0 + block1 + neck + heads));
  });

  it("counts pairs of the rulebooks, twice in the first layer and three times in the others", () => {
    const dense = stepWork(recipe, batchOf(0, 0), { entropyLoss: false }).multiplyAdds;
    const sparse = stepWork(recipe, batchOf(0, 100), { entropyLoss: false }).multiplyAdds - dense;
    const later = [4 * 4, 4 * 4, 4 * 4, 4 * 4, 4 * 8, 8 * 8, 8 * 8, 8 * 8, 8 * 8, 8 * 8, 8 * 8];
    expect(sparse).toBe(100 * (2 * 4 * 4 + 3 * later.reduce((a, b) => a + b)));
  });

  it("counts a row of the sparse layers: products, norms, the way to the map", () => {
    const bytes = (rows: number) => stepWork(recipe, batchOf(rows, 0), { entropyLoss: false }).bytes;
    const channels = [4, 4, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8, 8];
    let floats = 0;
    for (let layer = 0; layer < 12; layer++) {
      floats += (layer === 0 ? 2 : 3) * (channels[layer] + channels[layer + 1]); // each direction: both ends
      floats += 8 * channels[layer + 1]; // batch norm: 3 passes forward, 5 backward
    }
    floats += 3 * 8; // sites read; gradient read, and written as rows
    expect(bytes(1) - bytes(0)).toBe(4 * floats);
  });

  it("counts an index pair as 8 bytes in each direction", () => {
    const bytes = (pairs: number) => stepWork(recipe, batchOf(0, pairs), { entropyLoss: false }).bytes;
    expect(bytes(1) - bytes(0)).toBe(8 * (2 + 11 * 3));
  });

  it("adds the products of all pairs of channels with the Entropy Loss, and 4 passes over the taps", () => {
    const [without, withLoss] = [false, true].map((entropyLoss) => stepWork(recipe, batchOf(0, 0), { entropyLoss }));
    // 3 taps of 12 channels in 256 dimensions, 3 of 16 in 64; 2 scans
    expect(withLoss.multiplyAdds - without.multiplyAdds).toBe(2 * 3 * (256 * 66 + 64 * 120));
    expect(withLoss.bytes - without.bytes).toBe(4 * 4 * 2 * 3 * (256 * 12 + 64 * 16));
  });
});

describe("multiplyAddsOf", () => {
  it("counts products by their shapes, and nothing else", () => {
    const none = new Float32Array(0);
    const map = {
      taps: 1,
      starts: Int32Array.of(0, 3),
      inputs: Int32Array.of(0, 1, 2),
      outputs: Int32Array.of(0, 1, 2),
    };
    const mapped = { map, inRows: 3, outRows: 3, cin: 4, cout: 5 };
    const conv = {
      batch: 2,
      outHeight: 3,
      outWidth: 4,
      filterHeight: 3,
      filterWidth: 3,
      inChannels: 5,
      outChannels: 6,
    };
    expect(multiplyAddsOf({ operation: "gemm", args: [none, none, none, { m: 2, n: 3, k: 4 }] })).toBe(24);
    expect(multiplyAddsOf({ operation: "mappedGemm", args: [none, none, none, mapped] })).toBe(60);
    expect(multiplyAddsOf({ operation: "conv2dFilterGradient", args: [none, none, none, conv] })).toBe(6480);
    expect(multiplyAddsOf({ operation: "rowPairDistances", args: [none, none, { rows: 4, dims: 5 }] })).toBe(80);
    const neighbours = { images: 2, dims: 5, samples: 4, k: 1 };
    expect(multiplyAddsOf({ operation: "kthNeighbours", args: [none, {}, neighbours] })).toBe(2 * 5 * 10);
    expect(multiplyAddsOf({ operation: "copy", args: [none, none] })).toBe(0);
  });
});

describe("inferenceWork", () => {
  // 3×3 of stride 1: all of block 0 (its stride is 1) and the last two layers of block 1.
  const filtered = block0 + 64 * 9 * (16 * 16 + 16 * 16);

  it("counts each dense product once, and 2.25 times fewer where minimal filtering does", () => {
    const { plainMultiplyAdds, multiplyAdds } = inferenceWork(recipe, batchOf(0, 100), { encoder: false });
    expect(plainMultiplyAdds).toBe(2 * (block0 + block1 + neck + heads));
    expect(multiplyAdds).toBeCloseTo(plainMultiplyAdds - 2 * filtered * (1 - 1 / 2.25), 3);
  });

  it("counts the encoder's pairs and its map where they take part", () => {
    const [part, whole] = [false, true].map((encoder) => inferenceWork(recipe, batchOf(0, 100), { encoder }));
    const pairs = [4 * 4, 4 * 4, 4 * 4, 4 * 4, 4 * 4, 4 * 8, 8 * 8, 8 * 8, 8 * 8, 8 * 8, 8 * 8, 8 * 8];
    expect(whole.multiplyAdds - part.multiplyAdds).toBe(100 * pairs.reduce((a, b) => a + b));
    const weights = 27 * pairs.slice(0, -1).reduce((a, b) => a + b) + 3 * 8 * 8;
    expect(whole.bytes - part.bytes).toBe(4 * (2 * 16 * 16 * 16) + 12 * 8 * 100 + 4 * weights);
  });
});
