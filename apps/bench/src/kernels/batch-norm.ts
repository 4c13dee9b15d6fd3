import type { KernelBench, KernelFamily } from "../kernel-bench.js";

// Statistics must be known before anything can be normalised, so both directions go over their inputs twice:
// forward reads x, reads x again and writes y; backward reads x and the gradient, both again, and writes the new
// gradient. Where the ReLU was off follows from x.
const FORWARD_PASSES = 3;
const BACKWARD_PASSES = 5;

function batchNorm(height: number, width: number, channels: number): KernelBench[] {
  const rows = height * width;
  const options = { rows, channels, epsilon: 1e-3, relu: true };
  const row = (what: string, passes: number, prepare: KernelBench["prepare"]): KernelBench => ({
    name: `batch norm + ReLU [1,${height},${width},${channels}] ${what}`,
    threads: "all",
    work: { bytes: 4 * passes * rows * channels },
    goals: { native: 60 },
    prepare,
  });
  const perChannel = () => new Float32Array(channels).fill(0.5);
  return [
    row("forward", FORWARD_PASSES, ({ random, zeros }) => {
      const [x, out, mean, variance] = [random(rows * channels), zeros(rows * channels), perChannel(), perChannel()];
      const [gamma, beta] = [random(channels), random(channels)];
      const [inputs, outputs] = [
        { x, gamma, beta },
        { out, mean, variance },
      ];
      return { out, run: (kernels) => kernels.batchNormReluForward(inputs, outputs, options) };
    }),
    row("backward", BACKWARD_PASSES, ({ random, zeros }) => {
      const arrays = { x: random(rows * channels), outGradient: random(rows * channels) };
      const affine = { gamma: random(channels), beta: random(channels) };
      const inputs = { ...arrays, ...affine, mean: random(channels), variance: perChannel() };
      const out = zeros(rows * channels);
      const outputs = { inputGradient: out, gammaGradient: perChannel(), betaGradient: perChannel() };
      return { out, run: (kernels) => kernels.batchNormReluBackward(inputs, outputs, options) };
    }),
  ];
}

/** Training batch normalisation with its ReLU. */
export const batchNorms: KernelFamily = (size) => [
  ...batchNorm(size(100), size(88), 128),
  ...batchNorm(size(200), size(176), 128),
];
