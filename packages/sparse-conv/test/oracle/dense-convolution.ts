/** Dense 3D convolution over plain float64 arrays, seven nested loops, and its two gradients by the same loops. */
export interface DenseProblem {
  readonly batchSize: number;
  readonly shape: readonly number[];
  readonly outputShape: readonly number[];
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly cin: number;
  readonly cout: number;
}

/** Calls `visit` with the flat positions of every product in[i]·w[j] that adds to out[o]. */
export function eachProduct(
  problem: DenseProblem,
  visit: (input: number, weight: number, output: number) => void,
): void {
  const { batchSize, shape, outputShape, kernel, stride, padding, dilation, cin, cout } = problem;
  for (let b = 0; b < batchSize; b++)
    for (let oz = 0; oz < outputShape[0]; oz++)
      for (let oy = 0; oy < outputShape[1]; oy++)
        for (let ox = 0; ox < outputShape[2]; ox++)
          for (let kz = 0; kz < kernel[0]; kz++)
            for (let ky = 0; ky < kernel[1]; ky++)
              for (let kx = 0; kx < kernel[2]; kx++) {
                const iz = oz * stride[0] - padding[0] + kz * dilation[0];
                const iy = oy * stride[1] - padding[1] + ky * dilation[1];
                const ix = ox * stride[2] - padding[2] + kx * dilation[2];
                if (iz < 0 || iz >= shape[0] || iy < 0 || iy >= shape[1] || ix < 0 || ix >= shape[2]) continue;
                const input = (((b * shape[0] + iz) * shape[1] + iy) * shape[2] + ix) * cin;
                const output = (((b * outputShape[0] + oz) * outputShape[1] + oy) * outputShape[2] + ox) * cout;
                const weight = ((kz * kernel[1] + ky) * kernel[2] + kx) * cin * cout;
                for (let ci = 0; ci < cin; ci++)
                  for (let co = 0; co < cout; co++) visit(input + ci, weight + ci * cout + co, output + co);
              }
}

export function denseForward(problem: DenseProblem, input: Float64Array, weights: Float64Array): Float64Array {
  const [d, h, w] = problem.outputShape;
  const output = new Float64Array(problem.batchSize * d * h * w * problem.cout);
  eachProduct(problem, (i, j, o) => {
    output[o] += input[i] * weights[j];
  });
  return output;
}

export function denseGradients(
  problem: DenseProblem,
  data: { readonly input: Float64Array; readonly weights: Float64Array; readonly outputGradient: Float64Array },
): { readonly input: Float64Array; readonly weights: Float64Array } {
  const input = new Float64Array(data.input.length);
  const weights = new Float64Array(data.weights.length);
  eachProduct(problem, (i, j, o) => {
    input[i] += data.weights[j] * data.outputGradient[o];
    weights[j] += data.input[i] * data.outputGradient[o];
  });
  return { input, weights };
}
