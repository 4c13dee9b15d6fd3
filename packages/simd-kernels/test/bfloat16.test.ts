import { describeUnless, randomFloats, seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { type Conv2dShape, type Kernels, loadKernels, type MappedGemmOptions, type Operations } from "../src/index.js";
import { guarded, randomIntegers } from "./arrays.js";
import { expectSums, type Sums } from "./expect-sums.js";
import { describeLayers, tryLayer } from "./layers.js";
import { nearestBfloat16, sumOfPairs, sumOfTiles } from "./oracle/bfloat16.js";
import { naiveConv2d, naiveGemm, naiveMappedGemm } from "./oracle/naive.js";

const precision = "bfloat16";
type Random = (length: number) => Float32Array;

/** A product with what it writes, and what it should. */
interface Product {
  readonly name: string;
  readonly length: number;
  readonly terms: number;
  run(kernels: Operations, out: Float32Array): void;
  readonly expected: Sums;
}

/** Around every tile, pairs of odd and even numbers, the chunk of 512 numbers. */
const gemmSizes = [
  [1, 1, 1],
  [5, 7, 13],
  [6, 16, 64],
  [13, 33, 2],
  [25, 12, 511],
  [24, 40, 512],
  [7, 31, 513],
  [97, 3, 40],
] as const;

function gemms(random: Random): Product[] {
  return gemmSizes.flatMap(([m, n, k]) =>
    [0, 1, 2, 3].map((form): Product => {
      const options = { m, n, k, transposeA: (form & 1) !== 0, transposeB: (form & 2) !== 0, precision } as const;
      const [a, b] = [random(m * k), random(k * n)];
      return {
        name: `gemm ${JSON.stringify(options)}`,
        length: m * n,
        terms: k,
        run: (kernels, out) => kernels.gemm(a, b, out, options),
        expected: naiveGemm(a.map(nearestBfloat16), b.map(nearestBfloat16), options),
      };
    }),
  );
}

const mappedSizes = [
  { taps: 2, pairs: 0, inRows: 4, outRows: 3, cin: 3, cout: 2 },
  { taps: 3, pairs: 50, inRows: 1, outRows: 1, cin: 7, cout: 3 },
  { taps: 27, pairs: 700, inRows: 60, outRows: 50, cin: 4, cout: 16 },
  { taps: 9, pairs: 501, inRows: 40, outRows: 90, cin: 13, cout: 7 },
  { taps: 2, pairs: 1100, inRows: 90, outRows: 80, cin: 64, cout: 65 },
];

function mappedProducts(random: Random): Product[] {
  return mappedSizes.flatMap((sizes) => {
    const { taps, pairs, inRows, outRows, cin, cout } = sizes;
    const rng = seededRandom(pairs);
    const starts = Int32Array.from({ length: taps + 1 }, (_, t) => Math.floor((pairs * t) / taps));
    const inputs = randomIntegers(rng, pairs, 0, Math.max(1, inRows));
    const map = { taps, starts, inputs, outputs: randomIntegers(rng, pairs, 0, Math.max(1, outRows)) };
    const options: MappedGemmOptions = { map, inRows, outRows, cin, cout, precision };
    const [x, w, y] = [random(inRows * cin), random(taps * cin * cout), random(outRows * cout)];
    const sums = naiveMappedGemm(
      ...([x.map(nearestBfloat16), w.map(nearestBfloat16), y.map(nearestBfloat16)] as const),
      options,
    );
    const product = (
      name: "mappedGemm" | "mappedGemmInputGradient" | "mappedGemmWeightGradient",
      operands: readonly [Float32Array, Float32Array],
      [expected, terms]: readonly [Sums, number],
    ): Product => ({
      name: `${name} ${JSON.stringify(sizes)}`,
      length: expected.value.length,
      terms,
      run: (kernels, out) => kernels[name](...operands, out, options),
      expected,
    });
    return [
      product("mappedGemm", [x, w], [sums.out, pairs * cin]),
      product("mappedGemmInputGradient", [y, w], [sums.inputGradient, pairs * cout]),
      product("mappedGemmWeightGradient", [x, y], [sums.weightGradient, pairs]),
    ];
  });
}

/** A shape of one image with as much padding below and to the right as above and to the left. */
function shapeOf(
  [inHeight, inWidth]: readonly [number, number],
  [inChannels, outChannels]: readonly [number, number],
  [filter, stride, padding]: readonly [number, number, number],
): Conv2dShape {
  const out = (size: number) => Math.floor((size + 2 * padding - filter) / stride) + 1;
  return {
    ...{ batch: 2, inHeight, inWidth, inChannels, outHeight: out(inHeight), outWidth: out(inWidth), outChannels },
    ...{ filterHeight: filter, filterWidth: filter, strideHeight: stride, strideWidth: stride },
    ...{ padTop: padding, padLeft: padding, dilationHeight: 1, dilationWidth: 1 },
  };
}

/** By the plain sum: few channels, strides, 1×1, and filters as large as their stride, as in transposed convolutions. */
const plainShapes = [
  shapeOf([6, 5], [7, 13], [3, 1, 1]),
  shapeOf([11, 8], [33, 40], [3, 2, 1]),
  shapeOf([5, 7], [64, 18], [1, 1, 0]),
  shapeOf([8, 6], [24, 17], [2, 2, 0]),
  shapeOf([5, 4], [300, 5], [2, 1, 1]),
];

/** By minimal filtering: odd numbers of channels and of windows, more than one block of either. */
const filteredShapes = [
  shapeOf([6, 5], [16, 16], [3, 1, 1]),
  shapeOf([7, 9], [17, 33], [3, 1, 1]),
  shapeOf([31, 23], [16, 19], [3, 1, 1]),
  shapeOf([5, 7], [140, 131], [3, 1, 1]),
];

function convolutions(shapes: readonly Conv2dShape[], random: Random, rounded: boolean): Product[] {
  return shapes.flatMap((shape) => {
    const { batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight: side } = shape;
    const input = random(batch * inHeight * inWidth * inChannels);
    const filter = random(side * side * inChannels * outChannels);
    const gradient = random(batch * outHeight * outWidth * outChannels);
    const [x, w, y] = [input, filter, gradient].map((each) => (rounded ? each.map(nearestBfloat16) : each));
    const sums = naiveConv2d(x, w, y, shape);
    const label = JSON.stringify([inHeight, inWidth, inChannels, outChannels, side, shape.strideHeight]);
    const product = (
      name: "conv2d" | "conv2dInputGradient" | "conv2dFilterGradient",
      operands: readonly [Float32Array, Float32Array],
      [expected, terms]: readonly [Sums, number],
    ): Product => ({
      name: `${name} ${label}`,
      length: expected.value.length,
      terms,
      run: (kernels, out) => kernels[name](...operands, out, { ...shape, precision }),
      expected,
    });
    return [
      product("conv2d", [input, filter], [sums.out, side * side * inChannels]),
      product("conv2dInputGradient", [gradient, filter], [sums.inputGradient, side * side * outChannels]),
      product("conv2dFilterGradient", [input, gradient], [sums.weightGradient, batch * outHeight * outWidth]),
    ];
  });
}

const floats = (seed: number): Random => {
  const rng = seededRandom(seed);
  return (length) => randomFloats(rng, length);
};

function resultOf({ name, length, run }: Product, kernels: Operations): Float32Array {
  const out = guarded(length);
  run(kernels, out.array);
  out.check(name);
  return out.array;
}

describeLayers("products of bfloat16", (kernels, label) => {
  const dot = (a: readonly number[], b: readonly number[]) => {
    const out = new Float32Array(1);
    kernels.gemm(Float32Array.from(a), Float32Array.from(b), out, { m: 1, n: 1, k: a.length, precision });
    return out[0];
  };

  it("round their operands to the nearest, of two as near to the even one, by hand", () => {
    const unit = 2 ** -7; // between 1 and 2
    expect(dot([1 + unit], [1])).toBe(1 + unit);
    expect(dot([1 + 0.49 * unit], [1])).toBe(1);
    expect(dot([1 + 0.51 * unit], [1])).toBe(1 + unit);
    expect(dot([1 + 0.5 * unit], [1])).toBe(1);
    expect(dot([1 + 1.5 * unit], [1])).toBe(1 + 2 * unit);
    expect(dot([1], [-1 - 1.5 * unit])).toBe(-1 - 2 * unit);
    expect(dot([3.4e38], [1])).toBe(Number.POSITIVE_INFINITY);
    expect(dot([1e-39], [1])).toBe(0);
    expect(dot([2 ** -126], [1])).toBe(2 ** -126);
    expect(dot([Number.NaN], [1])).toBeNaN();
    expect(dot([Number.NEGATIVE_INFINITY], [2])).toBe(Number.NEGATIVE_INFINITY);
  });

  it("keep sums in float32", () => {
    expect(dot([1, 1 / 128, 1 / 128], [1, 1 / 128, 1 / 128])).toBe(1 + 2 / 128 ** 2);
  });

  it("round as the oracle does, every exponent and the NaNs", () => {
    const rng = seededRandom(16);
    const bits = randomIntegers(rng, 4096, -(2 ** 31), 2 ** 31);
    // NaN whose payload lies in the lower half alone, ties, the largest numbers, the smallest, both zeros.
    bits.set([
      0x7f800001,
      -1,
      0x3f808000,
      0x3f818000,
      0x7f7fffff,
      0x7f7f8000,
      0x7f7f7fff,
      0x007fffff,
      0x00800000,
      1 << 31,
      0,
    ]);
    const x = new Float32Array(bits.buffer);
    const out = new Float32Array(x.length);
    kernels.gemm(x, Float32Array.of(1), out, { m: x.length, n: 1, k: 1, precision });
    expect(out).toEqual(x.map((value) => nearestBfloat16(value) + 0)); // sums begin with +0
  });

  if (label !== "typescript") {
    const [order, sumOf] =
      kernels.instructionSet === "amx"
        ? (["by 32, the even numbers and the odd ones", sumOfTiles] as const)
        : (["in pairs, of each the second number first", sumOfPairs] as const);
    it(`sum ${order}, every step rounded once`, () => {
      const rng = seededRandom(17);
      for (let length = 1; length < 200; length++) {
        const [a, b] = [0, 1].map(() =>
          Array.from({ length }, () => Math.fround((rng() - 0.5) * 2 ** (12 * rng() - 6))),
        );
        expect(dot(a, b), `of ${length}`).toBe(sumOf(a, b));
      }
    });
  }

  it("are the sums of products of rounded operands", () => {
    const random = floats(18);
    const products = [...gemms(random), ...mappedProducts(random), ...convolutions(plainShapes, random, true)];
    for (const product of products)
      expectSums(resultOf(product, kernels), product.expected, product.terms, product.name);
  });

  it("are exact where nothing has to be rounded, by minimal filtering too", () => {
    // Sums of four, and of nine quarters, of such numbers have 8 bits at most.
    const rng = seededRandom(19);
    const whole: Random = (length) => Float32Array.from(randomIntegers(rng, length, -4, 5));
    for (const product of [
      ...gemms(whole),
      ...mappedProducts(whole),
      ...convolutions([...plainShapes, ...filteredShapes], whole, false),
    ]) {
      const exact = Float32Array.from(product.expected.value);
      expect(resultOf(product, kernels), product.name).toEqual(exact);
    }
  });

  it("by minimal filtering err as rounded operands do", () => {
    for (const product of convolutions(filteredShapes, floats(20), false)) {
      const actual = resultOf(product, kernels);
      let [error, size] = [0, 0];
      product.expected.value.forEach((value, i) => {
        error += (actual[i] - value) ** 2;
        size += value ** 2;
      });
      // Each operand by up to 2⁻⁹, both ways: some √(2/3) of it together. Plain sums measure 1.3 of that, minimal filtering, which rounds
      // sums of several operands, 2.3 to 2.6.
      const usual = 2 ** -9 * Math.sqrt(2 / 3);
      const found = Math.sqrt(error / size);
      expect(found, product.name).toBeGreaterThan(usual);
      expect(found, product.name).toBeLessThan(2.8 * usual);
    }
  });

  it("add to what is there", () => {
    const out = Float32Array.of(1 / 3);
    kernels.gemm(Float32Array.of(3), Float32Array.of(5), out, { m: 1, n: 1, k: 1, accumulate: true, precision });
    expect(out[0]).toBe(Math.fround(15 + Math.fround(1 / 3)));
  });

  it("are refused in another precision", () => {
    const options = { m: 1, n: 1, k: 1, precision: "float16" as never };
    const one = () => new Float32Array(1);
    expect(() => kernels.gemm(one(), one(), one(), options)).toThrow(
      "gemm: expected one of float32, bfloat16 for precision, got float16",
    );
  });

  it("multiplyAddChain adds both products of a word in every round", () => {
    const values = new Float32Array(50).fill(1);
    kernels.multiplyAddChain(values, { rounds: 3, factor: 1.001, addend: 0.5, precision });
    expect(values).toEqual(new Float32Array(50).fill(4)); // 1.001 rounds to 1
  });
});

const compiled = [
  ...(process.arch === "x64" ? ["sse2", "avx2", "avx512", "avx512bf16"] : ["neon"]).map(
    (instructionSet) => [instructionSet, tryLayer("native", { threads: 2, instructionSet })] as const,
  ),
  ["WebAssembly", tryLayer("wasm")] as const,
];
const usable = compiled.filter((entry): entry is readonly [string, Kernels] => typeof entry[1] !== "string");

describeUnless(usable.length < 2 ? "fewer than two of them load" : undefined, "products of bfloat16", () => {
  it("have the same bits with every instruction set and in WebAssembly", () => {
    const random = floats(21);
    const shapes = [...plainShapes, ...filteredShapes];
    for (const product of [...gemms(random), ...mappedProducts(random), ...convolutions(shapes, random, false)]) {
      const [[, first], ...others] = usable;
      const expected = Buffer.from(resultOf(product, first).slice().buffer);
      for (const [name, kernels] of others) {
        const same = Buffer.from(resultOf(product, kernels).slice().buffer).equals(expected);
        expect(same, `${product.name}, ${name} and ${usable[0][0]}`).toBe(true);
      }
    }
  });
});

const bf16 = tryLayer("native", { instructionSet: "avx512bf16" });
const avx512 = tryLayer("native", { instructionSet: "avx512" });
const without = [bf16, avx512].find((layer) => typeof layer === "string") as string | undefined;

describeUnless(without, "AVX-512-BF16", () => {
  it("says that it multiplies bfloat16, and without it no layer does", () => {
    expect((bf16 as Kernels).multipliesBfloat16).toBe(true);
    expect((avx512 as Kernels).multipliesBfloat16).toBe(false);
    expect(loadKernels("typescript").multipliesBfloat16).toBe(false);
  });

  it("has the bits of AVX-512 in float32", () => {
    const random = floats(22);
    const products = convolutions([...plainShapes, ...filteredShapes], random, false);
    for (const product of products) {
      const inFloat32 = (kernels: Kernels): Operations => ({
        ...kernels,
        conv2d: (x, w, out, shape) => kernels.conv2d(x, w, out, { ...shape, precision: "float32" }),
        conv2dInputGradient: (y, w, out, shape) =>
          kernels.conv2dInputGradient(y, w, out, { ...shape, precision: "float32" }),
        conv2dFilterGradient: (x, y, out, shape) =>
          kernels.conv2dFilterGradient(x, y, out, { ...shape, precision: "float32" }),
      });
      const [a, b] = [bf16, avx512].map((layer) => resultOf(product, inFloat32(layer as Kernels)));
      expect(a, product.name).toEqual(b);
    }
  });
});

describe("the oracle of bfloat16", () => {
  it("rounds by hand", () => {
    expect(nearestBfloat16(Math.PI)).toBe(3.140625);
    expect(nearestBfloat16(257)).toBe(256);
    expect(nearestBfloat16(259)).toBe(260);
  });

  it("sums in pairs and by tiles, by hand", () => {
    // 2⁻²⁴ is half of what 1 can be increased by, and the tie goes to 1; two of them are enough.
    const terms = [1, 2 ** -24, 0, 2 ** -24];
    expect(sumOfPairs(terms, [1, 1, 1, 1])).toBe(1);
    expect(sumOfTiles(terms, [1, 1, 1, 1])).toBe(1 + 2 ** -23);
    const apart = [2 ** -24, ...Array(31).fill(0), 1, 2 ** -24]; // the first of 34 stands in a tile of its own
    expect(sumOfTiles(apart, Array(34).fill(1))).toBe(1);
  });
});
