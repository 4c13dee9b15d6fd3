import * as tf from "@tensorflow/tfjs-core";
import { createWeights, disposeWeights, weightsToArrays } from "second-detector";
import { beforeAll, describe, expect, it } from "vitest";
import { agreement } from "../src/readability/agreement.js";
import { cellsOfPoints, keptScore } from "../src/readability/deletion.js";
import { MapStudy } from "../src/readability/map-figures.js";
import { readCheckpoint } from "../src/readability/read-checkpoint.js";
import {
  compareReadings,
  jackknifeOfPairs,
  layersTable,
  readabilityTable,
} from "../src/readability/readability-tables.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { randomStream } from "../src/system/random.js";
import { startBackend } from "../src/system/start-backend.js";
import { MEMORY_IDS, memorySource } from "./scenes/memory-source.js";

const normals = (count: number, name: string) => {
  const rng = randomStream(3, name);
  return Float32Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng()),
  );
};
const rows = 400;
const layer = (channels: number, name: string) => ({ values: normals(rows * channels, name), channels });
/** Row by row, channels by a [channels, to] matrix. */
const mixed = ({ values, channels }: ReturnType<typeof layer>, matrix: readonly (readonly number[])[], shift = 0) => ({
  channels: matrix[0].length,
  values: Float32Array.from({ length: rows * matrix[0].length }, (_, i) => {
    const [row, to] = [Math.floor(i / matrix[0].length), i % matrix[0].length];
    return matrix.reduce((sum, line, c) => sum + line[to] * values[row * channels + c], shift);
  }),
});

describe("agreement of two layers", () => {
  const a = layer(3, "a");

  it("by hand: one channel each, alignment is the squared correlation, match the correlation", () => {
    const [x, y] = [Float32Array.of(1, 2, 3), Float32Array.of(1, 3, 2)]; // r = 0.5
    const { alignment, match } = agreement({ values: x, channels: 1 }, { values: y, channels: 1 });
    expect(alignment).toBeCloseTo(0.25, 12);
    expect(match).toBeCloseTo(0.5, 12);
  });

  it("is 1 for channels in another order, scaled and shifted", () => {
    const permuted = mixed(
      a,
      [
        [0, 2, 0],
        [0, 0, 2],
        [2, 0, 0],
      ],
      5,
    );
    const { alignment, match } = agreement(a, permuted);
    expect(alignment).toBeCloseTo(1, 5); // of float32 activations
    expect(match).toBeCloseTo(1, 5);
  });

  it("a rotation keeps the alignment, but not the match", () => {
    const [c, s] = [Math.cos(Math.PI / 4), Math.sin(Math.PI / 4)];
    const { alignment, match } = agreement(
      a,
      mixed(a, [
        [c, s, 0],
        [-s, c, 0],
        [0, 0, 1],
      ]),
    );
    expect(alignment).toBeCloseTo(1, 5);
    expect(match).toBeLessThan(0.9); // two of three channels are at 45° to all of the other's: about 0.8
    expect(match).toBeGreaterThan(0.7);
  });

  it("is small for layers that know nothing of each other, and the same both ways", () => {
    const b = layer(5, "b");
    const forth = agreement(a, b);
    expect(forth.alignment).toBeLessThan(0.05);
    expect(forth.match).toBeLessThan(0.2);
    const back = agreement(b, a);
    expect(back.alignment).toBeCloseTo(forth.alignment, 12);
    expect(back.match).toBeCloseTo(forth.match, 12);
  });

  it("agrees with the definition by [n, n] kernels", () => {
    const b = mixed(a, [
      [1, 0.5],
      [0, 0.3],
      [2, -1],
    ]);
    const kernel = ({ values, channels }: typeof a) =>
      Array.from({ length: rows }, (_, i) =>
        Array.from({ length: rows }, (_, j) => {
          let sum = 0;
          for (let c = 0; c < channels; c++) sum += values[i * channels + c] * values[j * channels + c];
          return sum;
        }),
      );
    const centre = (k: number[][]) => {
      const line = k.map((each) => each.reduce((sum, value) => sum + value, 0) / rows);
      const all = line.reduce((sum, value) => sum + value, 0) / rows;
      return k.map((each, i) => each.map((value, j) => value - line[i] - line[j] + all));
    };
    const [k, l] = [centre(kernel(a)), centre(kernel(b))];
    const inner = (p: number[][], q: number[][]) =>
      p.reduce((sum, line, i) => sum + line.reduce((part, v, j) => part + v * q[i][j], 0), 0);
    expect(agreement(a, b).alignment).toBeCloseTo(inner(k, l) / Math.sqrt(inner(k, k) * inner(l, l)), 9);
  });

  it("refuses other numbers of rows", () => {
    expect(() => agreement(a, { values: new Float32Array(9), channels: 3 })).toThrow("got [400, 3] and [3, 3]");
  });
});

/** Xᵀ X of maps [cells, channels]. */
const productsOf = (values: readonly number[], channels: number) =>
  Float64Array.from({ length: channels ** 2 }, (_, at) => {
    let sum = 0;
    for (let i = 0; i < values.length; i += channels)
      sum += values[i + Math.floor(at / channels)] * values[i + (at % channels)];
    return sum;
  });
const studyOf = (frames: readonly (readonly number[])[], size: readonly [number, number], channels: number) => {
  const study = new MapStudy(channels);
  for (const values of frames) study.add(values, size, productsOf(values, channels));
  return study.figures();
};

describe("figures of maps", () => {
  it("by hand: one even channel, one of a single cell, one dead", () => {
    // 2 × 2 cells: channel 0 is 1 everywhere, channel 1 is 3 at (0, 0), channel 2 is nothing
    const { zeros, sparseness, spread, dead, rank, twins } = studyOf([[1, 3, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0]], [2, 2], 3);
    expect(zeros).toBeCloseTo(7 / 12, 12);
    expect(sparseness).toBeCloseTo((0 + 1) / 2, 12);
    expect(spread).toBeCloseTo((1 + 0) / 2, 12);
    expect(dead).toBeCloseTo(1 / 3, 12);
    expect(rank).toBe(1); // of the one that varies
    expect(twins).toBe(0);
  });

  it("rank is that of the eigenvalues: two equal channels and one of correlation 0", () => {
    // channels 0 and 1 are the same, 2 is orthogonal after centring: R = [[1,1,0],[1,1,0],[0,0,1]], eigenvalues 2, 1, 0 over 3
    const { rank, twins } = studyOf([[1, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0]], [2, 2], 3);
    expect(rank).toBeCloseTo(1 / ((2 / 3) ** 2 + (1 / 3) ** 2) / 3, 12);
    expect(twins).toBeCloseTo(2 / 3, 12);
  });

  it("frames add up: the same maps twice say what they say once", () => {
    const maps = [...normals(4 * 5 * 6, "maps")].map((value) => Math.max(0, value));
    const [once, twice] = [studyOf([maps], [4, 5], 6), studyOf([maps, maps], [4, 5], 6)];
    for (const name of Object.keys(once) as (keyof typeof once)[]) expect(twice[name]).toBeCloseTo(once[name], 9);
  });

  it("refuses sizes that do not fit", () => {
    expect(() => new MapStudy(2).add([1, 2, 3], [1, 2], [1, 2, 3, 4])).toThrow("expected [1, 2, 2] for values");
  });
});

describe("deletion of cells", () => {
  it("points fall into the cells of a map over the range, y by rows", () => {
    const points = Float32Array.of(0, 0, 0, 1, 3.9, 0, 0, 1, 0, 1.9, 0, 1, 4, 0, 0, 1, 1, 1, 5, 1);
    const cells = cellsOfPoints(points, { pointRange: [0, 0, -1, 4, 2, 1] }, { height: 2, width: 4 });
    expect([...cells]).toEqual([0, 3, 4, -1, -1]);
  });

  it("by hand: a box found again with half its score, one gone, one that was never sure", () => {
    const box = (x: number) => [x, 0, 0, 4, 2, 1.5, 0];
    const before = { boxes: [...box(0), ...box(10), ...box(20)], scores: [0.8, 0.4, 0.1], labels: [0, 1, 0] };
    const now = { boxes: [...box(0.9), ...box(10), ...box(1.1)], scores: [0.4, 0.9, 0.9], labels: [0, 0, 0] };
    expect(keptScore(before, now)).toBeCloseTo(0.4 / 1.2, 12);
    expect(keptScore(before, { ...before, scores: [1, 1, 1] })).toBe(1); // what it was at most
    expect(keptScore({ ...before, scores: [0.1, 0.1, 0.1] }, now)).toBeUndefined();
  });
});

describe("tables of readability", () => {
  it("the jackknife of a mean of pairs, by hand", () => {
    // three members, pairs 1, 2, 3: mean 2; without a member one pair is left: 3, 2, 1; error √(2/3 · 2)
    const { mean, low, high, p } = jackknifeOfPairs(3, [
      { members: [0, 1], value: 1 },
      { members: [0, 2], value: 2 },
      { members: [1, 2], value: 3 },
    ]);
    expect(mean).toBe(2);
    expect(high - mean).toBeCloseTo(4.302652729911275 * Math.sqrt(4 / 3), 6);
    expect(mean - low).toBeCloseTo(high - mean, 12);
    expect(p).toBeGreaterThan(0.1);
    expect(jackknifeOfPairs(2, [{ members: [0, 1], value: 1 }]).low).toBeNaN();
  });

  it("compares runs of one seed, and seeds with each other", () => {
    const figures = { zeros: 0.5, sparseness: 0.2, spread: 0.9, dead: 0, rank: 0.25, twins: 0.1 };
    const common = layer(3, "common");
    const run = (
      arm: string,
      seed: number,
      changed: Partial<typeof figures>,
      activations = layer(3, `${arm} ${seed}`),
    ) => ({
      arm,
      seed,
      taps: [{ block: 0, tap: 0, entropy: -1, figures: { ...figures, ...changed }, activations }],
      deletion: { deletion: 0.3, insertion: 0.2 },
    });
    const runs = [0, 1, 2].flatMap((seed) => [
      run("plain", seed, {}),
      run("plain-l1", seed, { zeros: 0.6 + 0.01 * seed }, common),
    ]);
    const comparison = compareReadings([...runs, run("plain", 9, {})], ["plain-l1", "plain"]);
    const table = readabilityTable([comparison]);
    const row = (name: string) => table.rows.find((each) => each[1] === name)!;
    expect(row("zeros").slice(2, 4)).toEqual([3, "0.500 (0.500 to 0.500)"]);
    // differences 0.10, 0.11, 0.12: ± 4.3027 · 0.01/√3
    expect(row("zeros")[5]).toContain("+0.110 (+0.085 to +0.135)");
    expect(row("alignment")[4]).toContain("1.000");
    expect(String(row("alignment")[5]).startsWith("+0.9")).toBe(true);
    expect(layersTable([comparison]).rows[0].slice(1, 3)).toEqual(["0.0", "−1.000 → −1.000"]);
    expect(readabilityTable([compareReadings([], ["plain-l1", "plain"])]).rows[0].slice(2)).toEqual([
      0,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe("reading a checkpoint", () => {
  beforeAll(() => startBackend("simd"));

  it("has every layer, the same places of every network, and frees what it takes", async () => {
    const { detector } = openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname);
    const [a, b] = await Promise.all(
      [1, 2].map(async (seed) => {
        const weights = createWeights(detector, randomStream(seed, "weights"));
        const model = await weightsToArrays(weights);
        disposeWeights(weights);
        return model;
      }),
    );
    const before = tf.memory().numTensors;
    let frames = 0;
    const job = {
      data: memorySource(),
      frames: MEMORY_IDS,
      onFrame: () => {
        frames += 1;
      },
    };
    const read = async (model: typeof a, signal = new AbortController().signal) =>
      readCheckpoint(model, detector, { ...job, signal });
    const [first, again, other] = [(await read(a))!, (await read(a))!, (await read(b))!];
    expect(tf.memory().numTensors).toBe(before);
    expect(frames).toBe(9);
    expect(first.taps.map(({ block, tap, activations }) => [block, tap, activations.channels])).toEqual([
      [0, 0, 12],
      [0, 1, 12],
      [0, 2, 12],
      [1, 0, 16],
      [1, 1, 16],
      [1, 2, 16],
    ]);
    expect(again).toEqual(first);
    for (const { figures, activations } of first.taps) {
      for (const share of ["zeros", "sparseness", "dead", "rank", "twins"] as const) {
        expect(figures[share], share).toBeGreaterThanOrEqual(0);
        expect(figures[share], share).toBeLessThanOrEqual(1);
      }
      expect(activations.values).toHaveLength(3 * 128 * activations.channels);
      expect(agreement(activations, activations).alignment).toBeCloseTo(1, 9);
    }
    expect(agreement(first.taps[1].activations, other.taps[1].activations).alignment).toBeLessThan(1);
    expect(await read(a, AbortSignal.abort())).toBeUndefined();
  });
});
