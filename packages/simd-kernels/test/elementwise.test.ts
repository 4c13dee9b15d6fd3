import { expectClose, randomFloats, seededRandom } from "test-support";
import { expect, it } from "vitest";
import type { BinaryOperation, BroadcastMode, UnaryOperation } from "../src/index.js";
import { guarded, guardedCopy } from "./arrays.js";
import { describeLayers } from "./layers.js";

const binaries: Record<BinaryOperation, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  max: Math.max,
  min: Math.min,
  squaredDifference: (a, b) => Math.fround(a - b) ** 2,
};
const unaries: Record<UnaryOperation, (x: number) => number> = {
  relu: (x) => Math.max(x, 0),
  neg: (x) => -x,
  abs: Math.abs,
  square: (x) => x * x,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  reciprocal: (x) => 1 / x,
  step: (x) => (Number.isNaN(x) ? x : x > 0 ? 1 : 0),
};
const modes: readonly BroadcastMode[] = ["full", "row", "column", "scalar"];
const special = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  2 ** -140,
  -(2 ** -140),
  3.4e38,
  -1.5,
];
// Two correctly rounded operations at most (rsqrt); zeros may differ in sign.
const exactness = { relative: 2 ** -23, absolute: 0 };

/** Entry of an operand of [rows, columns] by its definition. */
const entry = (x: Float32Array, mode: BroadcastMode, row: number, column: number, columns: number): number =>
  mode === "full" ? x[row * columns + column] : mode === "row" ? x[column] : mode === "column" ? x[row] : x[0];

describeLayers("elementwise", (kernels) => {
  for (const operation of Object.keys(binaries) as BinaryOperation[])
    it(`${operation} agrees with JavaScript under every broadcast`, () => {
      const rng = seededRandom(operation.length);
      for (const [rows, columns] of [
        [0, 4],
        [1, 1],
        [3, 7],
        [5, 16],
        [4, 33],
      ])
        for (const aMode of modes)
          for (const bMode of modes) {
            const length = { full: rows * columns, row: columns, column: rows, scalar: 1 };
            const a = randomFloats(rng, length[aMode]);
            const b = randomFloats(rng, length[bMode]);
            const out = guarded(rows * columns);
            kernels.binary(a, b, out.array, { operation, rows, columns, aMode, bMode });
            out.check(operation);
            const expected = Float32Array.from(out.array, (_, i) => {
              const [row, column] = [Math.floor(i / columns), i % columns];
              return binaries[operation](entry(a, aMode, row, column, columns), entry(b, bMode, row, column, columns));
            });
            expectClose(out.array, expected, { ...exactness, label: `${operation} ${aMode} ${bMode}` });
          }
    });

  it("binary operations keep NaN, infinities and subnormal numbers", () => {
    const pairs = special.flatMap((a) => special.map((b) => [a, b] as const));
    const a = Float32Array.from(pairs, ([v]) => v);
    const b = Float32Array.from(pairs, ([, v]) => v);
    const options = { rows: 1, columns: a.length, aMode: "full", bMode: "full" } as const;
    for (const operation of Object.keys(binaries) as BinaryOperation[]) {
      const out = new Float32Array(a.length);
      kernels.binary(a, b, out, { operation, ...options });
      const expected = Float32Array.from(a, (v, i) => binaries[operation](v, b[i]));
      if (operation === "div") expectClose(out.map(Math.abs), expected.map(Math.abs), { ...exactness, label: "div" });
      else expectClose(out, expected, { ...exactness, label: operation });
    }
  });

  for (const operation of Object.keys(unaries) as UnaryOperation[])
    it(`${operation} agrees with JavaScript, in place too, at every length`, () => {
      const rng = seededRandom(operation.length);
      for (const length of [0, 1, 3, 4, 5, 8, 16, 17, 100]) {
        const x = randomFloats(rng, length);
        x.set(special.slice(0, length));
        const out = guarded(length);
        kernels.unary(x, out.array, { operation });
        out.check(operation);
        const expected = x.map(unaries[operation]);
        const magnitudes = operation === "reciprocal" || operation === "rsqrt"; // of -0, whose sign is not promised
        const got = magnitudes ? out.array.map(Math.abs) : out.array;
        expectClose(got, magnitudes ? expected.map(Math.abs) : expected, { ...exactness, label: operation });
        const same = guardedCopy(x);
        kernels.unary(same.array, same.array, { operation });
        same.check(operation);
        expect(same.array).toEqual(out.array);
      }
    });

  it("adamw takes the steps of its definition", () => {
    const rng = seededRandom(17);
    for (const length of [0, 1, 5, 19, 100]) {
      const p = guardedCopy(randomFloats(rng, length));
      const [m, v] = [guardedCopy(new Float32Array(length)), guardedCopy(new Float32Array(length))];
      const state = { p: Float64Array.from(p.array), m: new Float64Array(length), v: new Float64Array(length) };
      for (let step = 1; step <= 3; step++) {
        const g = randomFloats(rng, length);
        const inPlace = { parameters: p.array, firstMoment: m.array, secondMoment: v.array };
        const inputs = { ...inPlace, gradient: g };
        const rates = { learningRate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1, step };
        const options = { ...rates, gradientScale: step === 2 ? 0.25 : undefined };
        const fresh = { parameters: guarded(length), firstMoment: guarded(length), secondMoment: guarded(length) };
        const { parameters, firstMoment, secondMoment } = fresh;
        const outputs = {
          ...{ parameters: parameters.array, firstMoment: firstMoment.array, secondMoment: secondMoment.array },
        };
        kernels.adamw(inputs, outputs, options);
        kernels.adamw(inputs, inPlace, options);
        expect(inPlace, "the same bits in place").toEqual(outputs);
        for (const array of Object.values(fresh)) array.check("adamw");
        for (let i = 0; i < length; i++) {
          if (step === 2) g[i] *= 0.25;
          state.p[i] -= 0.01 * 0.1 * state.p[i];
          state.m[i] = 0.9 * state.m[i] + 0.1 * g[i];
          state.v[i] = 0.99 * state.v[i] + 0.01 * g[i] ** 2;
          const [mean, square] = [state.m[i] / (1 - 0.9 ** step), state.v[i] / (1 - 0.99 ** step)];
          state.p[i] -= (0.01 * mean) / (Math.sqrt(square) + 1e-8);
        }
      }
      for (const array of [p, m, v]) array.check("adamw");
      // Some ten float32 roundings of values below 1.
      expectClose(p.array, state.p, { relative: 1e-6, absolute: 1e-6, label: "parameters" });
      expectClose(m.array, state.m, { relative: 1e-6, absolute: 1e-6, label: "firstMoment" });
      expectClose(v.array, state.v, { relative: 1e-6, absolute: 1e-7, label: "secondMoment" });
    }
  });

  it("adamw keeps its outputs apart from all but their own inputs", () => {
    const [a, b, c, gradient] = [0, 1, 2, 3].map(() => new Float32Array(4));
    const state = { parameters: a, firstMoment: b, secondMoment: c };
    const rates = { learningRate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1, step: 1 };
    const step = (outputs: object) => () => kernels.adamw({ ...state, gradient }, { ...state, ...outputs }, rates);
    expect(step({})).not.toThrow();
    const overlapping = "adamw: expected an output apart from its inputs, got overlapping arrays";
    for (const outputs of [{ parameters: b }, { firstMoment: a }, { secondMoment: gradient }, { parameters: gradient }])
      expect(step(outputs)).toThrow(overlapping);
    const shared = new Float32Array(4);
    expect(step({ firstMoment: shared, secondMoment: shared })).toThrow(overlapping);
  });
});
