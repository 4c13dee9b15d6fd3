import { randomFloats, seededRandom } from "test-support";
import { expect, it } from "vitest";
import type { Conv2dShape } from "../src/index.js";
import { dot, guarded } from "./arrays.js";
import { addTerm, expectFilteredSums, expectSums, type Sums } from "./expect-sums.js";
import { describeLayers } from "./layers.js";
import { naiveConv2d } from "./oracle/naive.js";

/** A shape from its interesting parts: [y, x] pairs, padding on all four sides; the output is as large as fits. */
function shapeOf(parts: {
  batch?: number;
  size: readonly [number, number];
  channels: readonly [number, number];
  filter: readonly [number, number];
  stride?: readonly [number, number];
  padding?: readonly [number, number];
  dilation?: readonly [number, number];
}): Conv2dShape {
  const { batch = 1, size, channels, filter, stride = [1, 1], padding = [0, 0], dilation = [1, 1] } = parts;
  const out = [0, 1].map((d) =>
    Math.max(0, Math.floor((size[d] + 2 * padding[d] - dilation[d] * (filter[d] - 1) - 1) / stride[d]) + 1),
  );
  return {
    batch,
    inHeight: size[0],
    inWidth: size[1],
    inChannels: channels[0],
    outHeight: out[0],
    outWidth: out[1],
    outChannels: channels[1],
    filterHeight: filter[0],
    filterWidth: filter[1],
    strideHeight: stride[0],
    strideWidth: stride[1],
    padTop: padding[0],
    padLeft: padding[1],
    dilationHeight: dilation[0],
    dilationWidth: dilation[1],
  };
}

const shapes: readonly (readonly [string, Conv2dShape])[] = [
  ["empty batch", shapeOf({ batch: 0, size: [3, 3], channels: [2, 2], filter: [3, 3] })],
  ["no input channels", shapeOf({ size: [3, 3], channels: [0, 2], filter: [3, 3], padding: [1, 1] })],
  ["one pixel", shapeOf({ size: [1, 1], channels: [1, 1], filter: [3, 3], padding: [1, 1] })],
  ["1×1", shapeOf({ batch: 2, size: [5, 7], channels: [13, 40], filter: [1, 1] })],
  ["3×3 padded", shapeOf({ batch: 2, size: [9, 11], channels: [7, 13], filter: [3, 3], padding: [1, 1] })],
  ["3×3 wide channels", shapeOf({ size: [6, 5], channels: [70, 33], filter: [3, 3], padding: [1, 1] })],
  // Minimal filtering takes over at 16 channels: windows that stick out on each side, more than one block of windows.
  ["windows of one and a half", shapeOf({ size: [3, 2], channels: [16, 16], filter: [3, 3], padding: [1, 1] })],
  ["windows without padding", shapeOf({ batch: 2, size: [8, 5], channels: [17, 31], filter: [3, 3] })],
  ["windows of much padding", shapeOf({ size: [4, 5], channels: [33, 16], filter: [3, 3], padding: [3, 4] })],
  ["windows, uneven padding", shapeOf({ size: [7, 6], channels: [24, 20], filter: [3, 3], padding: [0, 2] })],
  ["many windows", shapeOf({ batch: 2, size: [31, 23], channels: [16, 19], filter: [3, 3], padding: [1, 1] })],
  ["windows of many channels", shapeOf({ size: [5, 7], channels: [140, 131], filter: [3, 3], padding: [1, 1] })],
  ["windows that fill no tile", shapeOf({ size: [6, 5], channels: [600, 16], filter: [3, 3], padding: [1, 1] })],
  ["more than one chunk of channels", shapeOf({ size: [3, 3], channels: [300, 5], filter: [2, 2], padding: [1, 1] })],
  ["stride 2", shapeOf({ size: [11, 8], channels: [3, 16], filter: [3, 3], stride: [2, 2], padding: [1, 1] })],
  [
    "even kernel, uneven stride",
    shapeOf({ batch: 3, size: [9, 10], channels: [5, 3], filter: [4, 2], stride: [3, 2], padding: [2, 0] }),
  ],
  ["stride beyond the kernel", shapeOf({ size: [10, 9], channels: [3, 4], filter: [1, 2], stride: [3, 4] })],
  ["stride beyond the image", shapeOf({ size: [2, 3], channels: [3, 4], filter: [1, 1], stride: [5, 5] })],
  ["dilated", shapeOf({ size: [12, 13], channels: [4, 6], filter: [3, 2], dilation: [2, 3], padding: [2, 3] })],
  [
    "dilated and strided",
    shapeOf({ size: [12, 13], channels: [4, 6], filter: [3, 3], dilation: [3, 2], stride: [2, 3], padding: [3, 1] }),
  ],
  ["kernel beyond the image", shapeOf({ size: [2, 2], channels: [3, 3], filter: [5, 5], padding: [2, 2] })],
  ["padding beyond the kernel", shapeOf({ size: [3, 3], channels: [2, 2], filter: [2, 2], padding: [4, 4] })],
  ["many taps", shapeOf({ size: [9, 9], channels: [2, 3], filter: [7, 7], padding: [3, 3] })],
  [
    "uneven padding below",
    { ...shapeOf({ size: [6, 6], channels: [3, 3], filter: [3, 3], stride: [2, 2] }), outHeight: 3, outWidth: 3 },
  ],
];

/** Whether the compiled layers use minimal filtering (native/winograd.h). */
function isFiltered({ filterHeight, filterWidth, strideHeight, strideWidth, ...s }: Conv2dShape): boolean {
  const plain = filterHeight === 3 && filterWidth === 3 && strideHeight === 1 && strideWidth === 1;
  return plain && s.dilationHeight === 1 && s.dilationWidth === 1 && Math.min(s.inChannels, s.outChannels) >= 16;
}

/** relu(sum + bias) of sums [pixels, channels], in place: it brings what is apart no further apart. */
function addBiasRelu(sums: Sums, bias: Float32Array): void {
  for (let i = 0; i < sums.value.length; i++) {
    addTerm(sums, i, bias[i % bias.length], 1);
    sums.value[i] = Math.max(sums.value[i], 0);
  }
}

describeLayers("conv2d", (kernels) => {
  it("slides a difference filter by hand", () => {
    const out = new Float32Array(3);
    kernels.conv2d(
      Float32Array.of(1, 4, 9, 16),
      Float32Array.of(-1, 1),
      out,
      shapeOf({ size: [1, 4], channels: [1, 1], filter: [1, 2] }),
    );
    expect([...out]).toEqual([3, 5, 7]);
  });

  for (const [name, shape] of shapes)
    it(`agrees with the definition: ${name}`, () => {
      const rng = seededRandom(name.length);
      const s = shape;
      const input = randomFloats(rng, s.batch * s.inHeight * s.inWidth * s.inChannels);
      const filter = randomFloats(rng, s.filterHeight * s.filterWidth * s.inChannels * s.outChannels);
      const gradient = randomFloats(rng, s.batch * s.outHeight * s.outWidth * s.outChannels);
      const expected = naiveConv2d(input, filter, gradient, s);
      const out = guarded(gradient.length);
      const inputGradient = guarded(input.length);
      const filterGradient = guarded(filter.length);
      kernels.conv2d(input, filter, out.array, s);
      kernels.conv2dInputGradient(gradient, filter, inputGradient.array, s);
      kernels.conv2dFilterGradient(input, gradient, filterGradient.array, s);
      for (const array of [out, inputGradient, filterGradient]) array.check(name);
      const taps = s.filterHeight * s.filterWidth;
      const expectWithin = isFiltered(s) ? expectFilteredSums : expectSums;
      expectWithin(out.array, expected.out, taps * s.inChannels, "conv2d");
      expectWithin(inputGradient.array, expected.inputGradient, taps * s.outChannels, "conv2dInputGradient");
      expectWithin(
        filterGradient.array,
        expected.weightGradient,
        s.batch * s.outHeight * s.outWidth,
        "conv2dFilterGradient",
      );

      const bias = randomFloats(rng, s.outChannels);
      const rectified = guarded(out.array.length);
      kernels.conv2dBiasRelu({ input, filter, bias }, rectified.array, s);
      rectified.check(`${name}, with bias and ReLU`);
      addBiasRelu(expected.out, bias);
      expectWithin(rectified.array, expected.out, taps * s.inChannels + 1, "conv2dBiasRelu");
    });

  it.each([0, 1, 7])("leaves out empty parts of an image, here all but %i pixels", (pixels) => {
    const rng = seededRandom(pixels);
    const s = shapeOf({ batch: 2, size: [19, 30], channels: [20, 18], filter: [3, 3], padding: [1, 1] });
    const sparse = (channels: number) => {
      const map = new Float32Array(2 * 19 * 30 * channels).fill(-0);
      for (let i = 0; i < pixels; i++) map.set(randomFloats(rng, channels), Math.floor(rng() * 2 * 19 * 30) * channels);
      return map;
    };
    const [input, gradient] = [sparse(20), sparse(18)];
    const filter = randomFloats(rng, 9 * 20 * 18);
    const expected = naiveConv2d(input, filter, gradient, s);
    const results = [gradient, input, filter].map((like) => new Float32Array(like.length).fill(Number.NaN));
    kernels.conv2d(input, filter, results[0], s);
    kernels.conv2dInputGradient(gradient, filter, results[1], s);
    kernels.conv2dFilterGradient(input, gradient, results[2], s);
    expectFilteredSums(results[0], expected.out, 9 * 20, "conv2d");
    const bias = randomFloats(rng, 18);
    kernels.conv2dBiasRelu({ input, filter, bias }, results[0], s);
    addBiasRelu(expected.out, bias);
    expectFilteredSums(results[0], expected.out, 9 * 20 + 1, "conv2dBiasRelu");
    expectFilteredSums(results[1], expected.inputGradient, 9 * 18, "conv2dInputGradient");
    expectFilteredSums(results[2], expected.weightGradient, 2 * 19 * 30, "conv2dFilterGradient");
  });

  it("has gradients adjoint to the convolution: <Ax,y> = <x,Aᵀy> = <w,Bᵀy>", () => {
    const rng = seededRandom(5);
    const s = shapeOf({
      batch: 2,
      size: [20, 17],
      channels: [24, 18],
      filter: [3, 4],
      stride: [2, 1],
      padding: [1, 2],
    });
    const x = randomFloats(rng, 2 * 20 * 17 * 24);
    const w = randomFloats(rng, 12 * 24 * 18);
    const y = randomFloats(rng, 2 * s.outHeight * s.outWidth * 18);
    const [ax, aty, bty] = [new Float32Array(y.length), new Float32Array(x.length), new Float32Array(w.length)];
    kernels.conv2d(x, w, ax, s);
    kernels.conv2dInputGradient(y, w, aty, s);
    kernels.conv2dFilterGradient(x, y, bty, s);
    const scale = Math.sqrt(dot(ax, ax) * dot(y, y));
    expect(Math.abs(dot(ax, y) - dot(x, aty))).toBeLessThan(1e-6 * scale);
    expect(Math.abs(dot(ax, y) - dot(w, bty))).toBeLessThan(1e-6 * scale);
  });
});
