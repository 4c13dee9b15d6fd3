import { randomFloats, seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { loadKernels, type MappedGemmOptions, type PairMap } from "../src/index.js";
import { dot, guarded, randomIntegers } from "./arrays.js";
import { expectSums } from "./expect-sums.js";
import { describeLayers } from "./layers.js";
import { naiveMappedGemm } from "./oracle/naive.js";

/** Pairs in random order with repeats, or ascending in the output as a rulebook has them. */
function randomMap(
  rng: () => number,
  sizes: { taps: number; pairs: number; inRows: number; outRows: number },
  sorted: boolean,
): PairMap {
  const { taps, pairs, inRows, outRows } = sizes;
  const cuts = randomIntegers(rng, taps - 1, 0, pairs + 1).sort();
  const starts = Int32Array.of(0, ...cuts, pairs);
  const outputs = randomIntegers(rng, pairs, 0, outRows);
  if (sorted) for (let t = 0; t < taps; t++) outputs.subarray(starts[t], starts[t + 1]).sort();
  return { taps, starts, inputs: randomIntegers(rng, pairs, 0, inRows), outputs };
}

/** The first columns of a matrix with `wide` of them. */
function firstColumns(matrix: Float32Array, wide: number, columns: number): Float32Array {
  return matrix.filter((_, i) => i % wide < columns);
}

const cases = [
  { taps: 1, pairs: 0, inRows: 0, outRows: 0, cin: 3, cout: 2 },
  { taps: 2, pairs: 0, inRows: 4, outRows: 3, cin: 3, cout: 2 },
  { taps: 1, pairs: 1, inRows: 1, outRows: 1, cin: 1, cout: 1 },
  { taps: 3, pairs: 50, inRows: 1, outRows: 1, cin: 7, cout: 3 }, // every pair meets the same row
  { taps: 27, pairs: 700, inRows: 60, outRows: 50, cin: 4, cout: 16 },
  { taps: 9, pairs: 500, inRows: 40, outRows: 90, cin: 13, cout: 7 },
  { taps: 8, pairs: 300, inRows: 33, outRows: 17, cin: 40, cout: 33 },
  { taps: 3, pairs: 2000, inRows: 900, outRows: 800, cin: 16, cout: 32 },
  { taps: 2, pairs: 40, inRows: 30, outRows: 20, cin: 300, cout: 1 },
  { taps: 5, pairs: 403, inRows: 60, outRows: 70, cin: 16, cout: 16 },
  { taps: 5, pairs: 403, inRows: 60, outRows: 70, cin: 5, cout: 48 },
  { taps: 3, pairs: 400, inRows: 60, outRows: 70, cin: 17, cout: 16 }, // one channel more than stays in registers
  { taps: 2, pairs: 600, inRows: 90, outRows: 80, cin: 64, cout: 64 },
  { taps: 2, pairs: 600, inRows: 90, outRows: 80, cin: 65, cout: 64 },
];

describeLayers("mapped products", (kernels) => {
  it("adds pairs by hand", () => {
    // out[0] = x[1]·2 + x[0]·10, out[1] = x[0]·2
    const map = {
      taps: 2,
      starts: Int32Array.of(0, 2, 3),
      inputs: Int32Array.of(1, 0, 0),
      outputs: Int32Array.of(0, 1, 0),
    };
    const out = new Float32Array(2);
    const options = { map, inRows: 2, outRows: 2, cin: 1, cout: 1 };
    kernels.mappedGemm(Float32Array.of(3, 5), Float32Array.of(2, 10), out, options);
    expect([...out]).toEqual([40, 6]);
  });

  for (const sizes of cases)
    for (const sorted of [false, true])
      it(`agrees with the definition: ${JSON.stringify({ ...sizes, sorted })}`, () => {
        const { inRows, outRows, cin, cout, taps, pairs } = sizes;
        const rng = seededRandom(pairs * 31 + cin);
        const options: MappedGemmOptions = { map: randomMap(rng, sizes, sorted), inRows, outRows, cin, cout };
        const input = randomFloats(rng, inRows * cin);
        const weights = randomFloats(rng, taps * cin * cout);
        const gradient = randomFloats(rng, outRows * cout);
        const expected = naiveMappedGemm(input, weights, gradient, options);
        const out = guarded(outRows * cout);
        const inputGradient = guarded(inRows * cin);
        const weightGradient = guarded(taps * cin * cout);
        kernels.mappedGemm(input, weights, out.array, options);
        kernels.mappedGemmInputGradient(gradient, weights, inputGradient.array, options);
        kernels.mappedGemmWeightGradient(input, gradient, weightGradient.array, options);
        for (const array of [out, inputGradient, weightGradient]) array.check("mapped product");
        expectSums(out.array, expected.out, pairs * cin, "mappedGemm");
        expectSums(inputGradient.array, expected.inputGradient, pairs * cout, "mappedGemmInputGradient");
        expectSums(weightGradient.array, expected.weightGradient, pairs, "mappedGemmWeightGradient");
      });

  for (const [cin, cout] of [
    [4, 16],
    [16, 16],
    [16, 32],
    [40, 16],
  ])
    it(`gives columns the same bits whatever others there are: ${cin} to ${cout} channels`, () => {
      const rng = seededRandom(cin + cout);
      const [taps, inRows, outRows, wide] = [9, 70, 80, cout + 5];
      for (const sorted of [false, true]) {
        const map = randomMap(rng, { taps, pairs: 900, inRows, outRows }, sorted);
        const [x, w, y] = [inRows * cin, taps * cin * wide, outRows * wide].map((length) => randomFloats(rng, length));
        const [all, some] = [wide, cout].map((columns) => {
          const options = { map, inRows, outRows, cin, cout: columns };
          const out = new Float32Array(outRows * columns);
          const gradient = new Float32Array(taps * cin * columns);
          kernels.mappedGemm(x, firstColumns(w, wide, columns), out, options);
          kernels.mappedGemmWeightGradient(x, firstColumns(y, wide, columns), gradient, options);
          return { out: firstColumns(out, columns, cout), gradient: firstColumns(gradient, columns, cout) };
        });
        expect(some).toEqual(all);
      }
    });

  it("has gradients adjoint to the product: <Ax,y> = <x,Aᵀy> = <w,Bᵀy>", () => {
    const rng = seededRandom(11);
    const sizes = { taps: 27, pairs: 900, inRows: 70, outRows: 80 };
    const options = { map: randomMap(rng, sizes, false), inRows: 70, outRows: 80, cin: 13, cout: 9 };
    const x = randomFloats(rng, 70 * 13);
    const w = randomFloats(rng, 27 * 13 * 9);
    const y = randomFloats(rng, 80 * 9);
    const [ax, aty, bty] = [new Float32Array(y.length), new Float32Array(x.length), new Float32Array(w.length)];
    kernels.mappedGemm(x, w, ax, options);
    kernels.mappedGemmInputGradient(y, w, aty, options);
    kernels.mappedGemmWeightGradient(x, y, bty, options);
    const scale = Math.sqrt(dot(ax, ax) * dot(y, y)); // rounding is relative to the vectors, not to their product
    expect(Math.abs(dot(ax, y) - dot(x, aty))).toBeLessThan(1e-6 * scale);
    expect(Math.abs(dot(ax, y) - dot(w, bty))).toBeLessThan(1e-6 * scale);
  });
});

describe("mapped product arguments", () => {
  const options = (inputs: number[], outputs: number[], starts = [0, inputs.length]): MappedGemmOptions => ({
    map: {
      taps: 1,
      starts: Int32Array.from(starts),
      inputs: Int32Array.from(inputs),
      outputs: Int32Array.from(outputs),
    },
    inRows: 2,
    outRows: 3,
    cin: 1,
    cout: 1,
  });
  const layers = ["typescript", "wasm", "native"] as const;
  it("refuses rows outside the matrices before anything is written", () => {
    for (const layer of layers) {
      let kernels: ReturnType<typeof loadKernels>;
      try {
        kernels = loadKernels(layer);
      } catch {
        continue; // the other suites say why
      }
      const out = new Float32Array(3).fill(5);
      const call = (o: MappedGemmOptions) => () => kernels.mappedGemm(new Float32Array(2), new Float32Array(1), out, o);
      expect(call(options([0, 2], [0, 0]))).toThrow("mappedGemm: expected 0..1 for map.inputs[1], got 2");
      expect(call(options([0, 1], [0, -1]))).toThrow("mappedGemm: expected 0..2 for map.outputs[1], got -1");
      expect(call(options([0, 1], [0, 1], [0, 1]))).toThrow("expected 2 for the last of map.starts, got 1");
      expect(call(options([0, 1], [0, 1], [1, 2]))).toThrow(
        "expected ascending starts from 0 for map.starts, got 1 at 0",
      );
      expect(call(options([0, 1], [0]))).toThrow("expected 2 entries [2] for map.outputs, got 1");
      expect([...out]).toEqual([5, 5, 5]);
    }
  });
});
