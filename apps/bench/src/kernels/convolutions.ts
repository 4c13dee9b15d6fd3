import type { Conv2dOptions, Precision } from "simd-kernels";
import { inPrecision, type KernelBench, type KernelFamily } from "../kernel-bench.js";

interface Convolution {
  readonly label: string;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly filter: number;
  readonly stride: number;
  readonly goal?: number;
  /** input and output change places: [height, width] is what the transposed convolution reads */
  readonly transposed?: boolean;
  readonly precision?: Precision;
}

/** A convolution of one image to as many channels as it has, with both gradients. */
function convolution({
  label,
  height,
  width,
  channels,
  filter,
  stride,
  goal,
  transposed,
  precision,
}: Convolution): KernelBench[] {
  const [inHeight, inWidth] = transposed ? [height * stride, width * stride] : [height, width];
  const shape: Conv2dOptions = {
    batch: 1,
    inHeight,
    inWidth,
    inChannels: channels,
    outHeight: Math.ceil(inHeight / stride),
    outWidth: Math.ceil(inWidth / stride),
    outChannels: channels,
    filterHeight: filter,
    filterWidth: filter,
    strideHeight: stride,
    strideWidth: stride,
    padTop: filter === 3 ? 1 : 0,
    padLeft: filter === 3 ? 1 : 0,
    dilationHeight: 1,
    dilationWidth: 1,
    precision,
  };
  const [pixels, outPixels] = [inHeight * inWidth, shape.outHeight * shape.outWidth];
  const weights = filter ** 2 * channels ** 2;
  const row = (what: string, prepare: KernelBench["prepare"]): KernelBench => ({
    name: inPrecision(`${label} [1,${height},${width},${channels}]→${channels} ${what}`, precision),
    threads: "all",
    work: { flop: 2 * outPixels * weights },
    precision,
    ...(goal !== undefined && { goals: { native: goal, wasm: 28 } }),
    prepare,
  });
  const toSmall: KernelBench["prepare"] = ({ random, zeros }) => {
    const [x, w, out] = [random(pixels * channels), random(weights), zeros(outPixels * channels)];
    return { out, run: (kernels) => kernels.conv2d(x, w, out, shape) };
  };
  const toLarge: KernelBench["prepare"] = ({ random, zeros }) => {
    const [y, w, out] = [random(outPixels * channels), random(weights), zeros(pixels * channels)];
    return { out, run: (kernels) => kernels.conv2dInputGradient(y, w, out, shape) };
  };
  return [
    row("forward", transposed ? toLarge : toSmall),
    row("input gradient", transposed ? toSmall : toLarge),
    row("filter gradient", ({ random, zeros }) => {
      const [x, y, out] = [random(pixels * channels), random(outPixels * channels), zeros(weights)];
      return { out, run: (kernels) => kernels.conv2dFilterGradient(x, y, out, shape) };
    }),
  ];
}

/** 2D convolutions at the sizes of the detector's backbone, neck and heads. */
export const convolutions: KernelFamily = (size, precision) => {
  const [small, large] = [
    { height: size(100), width: size(88), channels: 128, precision },
    { height: size(200), width: size(176), channels: 128, precision },
  ];
  return [
    ...convolution({ label: "conv2d 3×3", ...small, filter: 3, stride: 1, goal: 70 }),
    ...convolution({ label: "conv2d 3×3", ...large, filter: 3, stride: 1, goal: 70 }),
    ...convolution({ label: "conv2d 3×3 stride 2", ...large, filter: 3, stride: 2 }),
    ...convolution({ label: "conv2d 1×1", ...large, filter: 1, stride: 1 }),
    ...convolution({ label: "transposed 2×2 stride 2", ...small, filter: 2, stride: 2, transposed: true }),
  ];
};
