import { expectClose, expectGradient, randomFloats, seededRandom } from "test-support";
import { expect, it } from "vitest";
import type { BatchNormOptions } from "../src/index.js";
import { guarded, guardedCopy } from "./arrays.js";
import { describeLayers } from "./layers.js";

interface Normalised {
  readonly out: Float64Array;
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** Two passes in float64. */
function naiveForward(x: Float32Array, gamma: Float32Array, beta: Float32Array, o: BatchNormOptions): Normalised {
  const { rows, channels } = o;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  for (let i = 0; i < rows * channels; i++) mean[i % channels] += x[i] / rows;
  for (let i = 0; i < rows * channels; i++) variance[i % channels] += (x[i] - mean[i % channels]) ** 2 / rows;
  const out = Float64Array.from(x, (v, i) => {
    const c = i % channels;
    const y = ((v - mean[c]) / Math.sqrt(variance[c] + o.epsilon)) * gamma[c] + beta[c];
    return o.relu && y < 0 ? 0 : y;
  });
  return { out, mean, variance };
}

const sizes = [
  [1, 1],
  [2, 3],
  [7, 7],
  [8, 13],
  [33, 40],
  [300, 16],
  [2000, 5],
] as const;

describeLayers("batch normalisation", (kernels) => {
  it("normalises two rows by hand", () => {
    const [out, mean, variance] = [new Float32Array(2), new Float32Array(1), new Float32Array(1)];
    const options = { rows: 2, channels: 1, epsilon: 0, relu: false };
    const inputs = { x: Float32Array.of(1, 3), gamma: Float32Array.of(2), beta: Float32Array.of(5) };
    kernels.batchNormReluForward(inputs, { out, mean, variance }, options);
    expect([...out, ...mean, ...variance]).toEqual([3, 7, 2, 1]);
  });

  it("gives a channel the same bits in whole vectors and behind them", () => {
    const [rows, wide, random] = [101, 48, seededRandom(3)];
    const matrix = { x: randomFloats(random, rows * wide), outGradient: randomFloats(random, rows * wide) };
    const row = () => randomFloats(random, wide);
    const inputs = { ...matrix, gamma: row(), beta: row(), mean: row(), variance: row().map(Math.abs) };
    /** The results of the first `channels`, as a matrix of that width. */
    const resultsOf = (channels: number) => {
      const first = (array: Float32Array) => array.filter((_, i) => i % wide < channels);
      const { x, outGradient, gamma, beta, mean, variance } = Object.fromEntries(
        Object.entries(inputs).map(([name, array]) => [name, first(array)]),
      ) as typeof inputs;
      const options = { rows, channels, epsilon: 1e-3, relu: true };
      const like = (array: Float32Array) => new Float32Array(array.length);
      const forward = { out: like(x), mean: like(gamma), variance: like(gamma) };
      kernels.batchNormReluForward({ x, gamma, beta }, forward, options);
      const gradients = { inputGradient: like(x), gammaGradient: like(gamma), betaGradient: like(gamma) };
      kernels.batchNormReluBackward({ x, outGradient, gamma, beta, mean, variance }, gradients, options);
      const scaled = like(x);
      kernels.scaleShiftRelu({ x, scale: gamma, shift: beta }, scaled, options);
      return { ...forward, ...gradients, scaled };
    };
    const whole = resultsOf(wide);
    for (const channels of [3, 17, 37]) {
      for (const [name, array] of Object.entries(resultsOf(channels))) {
        const expected = whole[name as keyof typeof whole].filter((_, i) => i % wide < channels);
        expect(array, `${name} of ${channels} channels`).toEqual(expected);
      }
    }
  });

  it("keeps the variance of channels that are constant but for one row, wherever that lies", () => {
    const [rows, channels] = [20_000, 3];
    const options = { rows, channels, epsilon: 1e-3, relu: false };
    const [gamma, beta] = [new Float32Array(channels).fill(1), new Float32Array(channels)];
    for (const outlier of [0, 7, rows - 1]) {
      const x = new Float32Array(rows * channels).fill(0.3);
      x.set([5.7, -3.1, 0.3], outlier * channels);
      const expected = naiveForward(x, gamma, beta, options);
      const [mean, variance] = [new Float32Array(channels), new Float32Array(channels)];
      kernels.batchNormReluForward({ x, gamma, beta }, { out: new Float32Array(x.length), mean, variance }, options);
      // Differences from the first row are rounded: half a unit in the last place of 5.4, and the mean's own.
      expectClose(mean, expected.mean, { relative: 2 ** -23, absolute: 2 ** -22, label: `mean, row ${outlier}` });
      // Sums are float64: the difference is rounded, which its square doubles, and the result. The definition's own mean of a
      // constant is off by 1e-14.
      expectClose(variance, expected.variance, {
        relative: 3 * 2 ** -24,
        absolute: 1e-24,
        label: `variance, row ${outlier}`,
      });
      expect(variance[2]).toBe(0);
    }
  });

  for (const [rows, channels] of sizes)
    for (const relu of [false, true])
      it(`agrees with the definition for ${rows}×${channels}${relu ? " with ReLU" : ""}`, () => {
        const rng = seededRandom(rows * channels);
        const x = randomFloats(rng, rows * channels).map((v, i) => v * (1 + (i % channels)) + 10 * (i % channels));
        const gamma = randomFloats(rng, channels);
        const beta = randomFloats(rng, channels);
        const options = { rows, channels, epsilon: 1e-3, relu };
        const expected = naiveForward(x, gamma, beta, options);
        const [out, mean, variance] = [guarded(rows * channels), guarded(channels), guarded(channels)];
        const statistics = { mean: mean.array, variance: variance.array };
        kernels.batchNormReluForward({ x, gamma, beta }, { out: out.array, ...statistics }, options);
        for (const array of [out, mean, variance]) array.check("batchNormReluForward");
        // One float32 rounding of the mean, seen through at most (1 + channels)·10 / sqrt(variance).
        expectClose(mean.array, expected.mean, { relative: 2 ** -23, absolute: 1e-7, label: "mean" });
        expectClose(variance.array, expected.variance, { relative: 1e-6, absolute: 1e-7, label: "variance" });
        expectClose(out.array, expected.out, { relative: 1e-5, absolute: 2e-5 * channels, label: "out" });

        const gradient = randomFloats(rng, rows * channels);
        const [dx, dgamma, dbeta] = [guarded(rows * channels), guarded(channels), guarded(channels)];
        const inputs = { x, outGradient: gradient, gamma, beta, ...statistics };
        const outputs = { inputGradient: dx.array, gammaGradient: dgamma.array, betaGradient: dbeta.array };
        kernels.batchNormReluBackward(inputs, outputs, options);
        for (const array of [dx, dgamma, dbeta]) array.check("batchNormReluBackward");
        const s = Float64Array.from(expected.variance, (v) => 1 / Math.sqrt(v + 1e-3));
        const g = Float64Array.from(gradient, (v, i) => (relu && !(out.array[i] > 0) ? 0 : v));
        const hat = Float64Array.from(x, (v, i) => (v - expected.mean[i % channels]) * s[i % channels]);
        const sumG = new Float64Array(channels);
        const sumGX = new Float64Array(channels);
        for (let i = 0; i < g.length; i++) {
          sumG[i % channels] += g[i];
          sumGX[i % channels] += g[i] * hat[i];
        }
        const expectedDx = g.map((v, i) => {
          const c = i % channels;
          return gamma[c] * s[c] * (v - sumG[c] / rows - (hat[i] * sumGX[c]) / rows);
        });
        // Sums of 32 rows are float32: 4·2⁻²⁴ of a channel's sum of magnitudes, of the 16 roundings that could all go one way.
        const magnitudes = new Float64Array(channels);
        for (let i = 0; i < g.length; i++) magnitudes[i % channels] += Math.abs(g[i]);
        expectClose(dbeta.array, sumG, {
          relative: 1e-6,
          absolute: 4 * 2 ** -24 * Math.max(...magnitudes),
          label: "betaGradient",
        });
        expectClose(dgamma.array, sumGX, {
          relative: 1e-5,
          absolute: 2e-5 * channels * Math.sqrt(rows),
          label: "gammaGradient",
        });
        expectClose(dx.array, expectedDx, { relative: 1e-4, absolute: 4e-5 * channels, label: "inputGradient" });

        const same = guardedCopy(gradient); // in place
        const inPlace = { ...outputs, inputGradient: same.array };
        kernels.batchNormReluBackward({ ...inputs, outGradient: same.array }, inPlace, options);
        expect(same.array).toEqual(dx.array);
      });

  it("has input gradients like central differences", () => {
    const rng = seededRandom(3);
    const [rows, channels] = [6, 2];
    const options = { rows, channels, epsilon: 1e-2, relu: true };
    const x = randomFloats(rng, rows * channels);
    const [gamma, beta, weight] = [randomFloats(rng, 2), randomFloats(rng, 2), randomFloats(rng, rows * channels)];
    const loss = (at: Float32Array) =>
      naiveForward(at, gamma, beta, options).out.reduce((s, v, i) => s + v * weight[i], 0);
    const [out, mean, variance] = [new Float32Array(x.length), new Float32Array(2), new Float32Array(2)];
    kernels.batchNormReluForward({ x, gamma, beta }, { out, mean, variance }, options);
    const dx = new Float32Array(x.length);
    kernels.batchNormReluBackward(
      { x, outGradient: weight, gamma, beta, mean, variance },
      { inputGradient: dx, gammaGradient: new Float32Array(2), betaGradient: new Float32Array(2) },
      options,
    );
    const lossAt = (moved: Float64Array) => loss(Float32Array.from(moved));
    expectGradient(dx, lossAt, { at: x, step: 2 ** -11, absolute: 5e-4 });
  });

  it("gives a constant channel variance 0 and keeps a far mean", () => {
    const [out, mean, variance] = [new Float32Array(300), new Float32Array(3), new Float32Array(3)];
    const x = Float32Array.from({ length: 300 }, (_, i) =>
      i % 3 === 0 ? 0.1 : i % 3 === 1 ? 1e6 + (Math.floor(i / 3) % 2) : 0,
    );
    const ones = Float32Array.of(1, 1, 1);
    const options = { rows: 100, channels: 3, epsilon: 1e-5, relu: false };
    kernels.batchNormReluForward({ x, gamma: ones, beta: new Float32Array(3) }, { out, mean, variance }, options);
    expect(variance[0]).toBe(0);
    expect(mean[0]).toBe(x[0]);
    expect(out[0]).toBe(0);
    expect(variance[1]).toBe(0.25);
    expect(mean[1]).toBe(1e6 + 0.5);
  });

  it("keeps NaN through the ReLU and takes no rows", () => {
    const out = new Float32Array(2);
    const inputs = { x: Float32Array.of(Number.NaN, -1), scale: Float32Array.of(1), shift: Float32Array.of(0) };
    kernels.scaleShiftRelu(inputs, out, { rows: 2, channels: 1, relu: true });
    expect([...out]).toEqual([Number.NaN, 0]);
    const [mean, variance] = [Float32Array.of(9), Float32Array.of(9)];
    const none = new Float32Array(0);
    kernels.batchNormReluForward(
      { x: none, gamma: Float32Array.of(1), beta: Float32Array.of(1) },
      { out: none, mean, variance },
      { rows: 0, channels: 1, epsilon: 1, relu: true },
    );
    expect([...mean, ...variance]).toEqual([0, 0]);
  });

  it("scales and shifts each channel, in place too", () => {
    const rng = seededRandom(9);
    for (const channels of [1, 3, 8, 21]) {
      const x = randomFloats(rng, 11 * channels);
      const [scale, shift] = [randomFloats(rng, channels), randomFloats(rng, channels)];
      const out = guardedCopy(x);
      const options = { rows: 11, channels, relu: true };
      kernels.scaleShiftRelu({ x: out.array, scale, shift }, out.array, options);
      out.check("scaleShiftRelu");
      const expected = Float64Array.from(x, (v, i) => Math.max(0, v * scale[i % channels] + shift[i % channels]));
      expectClose(out.array, expected, { relative: 2 ** -22, absolute: 2 ** -23, label: "scaleShiftRelu" });
    }
  });
});
