import type { Conv2dShape, GemmOptions, MappedGemmOptions } from "../../src/index.js";
import { addTerm, newSums, type Sums } from "../expect-sums.js";

/** op(a)·op(b) by its definition, in float64. */
export function naiveGemm(a: Float32Array, b: Float32Array, { m, n, k, transposeA, transposeB }: GemmOptions): Sums {
  const out = newSums(m * n);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++)
      for (let p = 0; p < k; p++) {
        addTerm(out, i * n + j, a[transposeA ? p * m + i : i * k + p], b[transposeB ? j * k + p : p * n + j]);
      }
  return out;
}

interface ConvolutionSums {
  readonly out: Sums;
  readonly inputGradient: Sums;
  readonly weightGradient: Sums;
}

/** The sparse convolution and both gradients by their definition: each multiplication of the triple sum once. */
export function naiveMappedGemm(
  input: Float32Array,
  weights: Float32Array,
  outGradient: Float32Array,
  { map, inRows, outRows, cin, cout }: MappedGemmOptions,
): ConvolutionSums {
  const out = newSums(outRows * cout);
  const inputGradient = newSums(inRows * cin);
  const weightGradient = newSums(map.taps * cin * cout);
  for (let tap = 0; tap < map.taps; tap++)
    for (let p = map.starts[tap]; p < map.starts[tap + 1]; p++)
      for (let c = 0; c < cin; c++)
        for (let d = 0; d < cout; d++) {
          const x = map.inputs[p] * cin + c;
          const y = map.outputs[p] * cout + d;
          const w = (tap * cin + c) * cout + d;
          addTerm(out, y, input[x], weights[w]);
          addTerm(inputGradient, x, outGradient[y], weights[w]);
          addTerm(weightGradient, w, outGradient[y], input[x]);
        }
  return { out, inputGradient, weightGradient };
}

/** The 2D convolution and both gradients by their definition, seven loops deep. */
export function naiveConv2d(
  input: Float32Array,
  filter: Float32Array,
  outGradient: Float32Array,
  s: Conv2dShape,
): ConvolutionSums {
  const out = newSums(outGradient.length);
  const inputGradient = newSums(input.length);
  const weightGradient = newSums(filter.length);
  for (let image = 0; image < s.batch; image++)
    for (let oy = 0; oy < s.outHeight; oy++)
      for (let ox = 0; ox < s.outWidth; ox++)
        for (let ky = 0; ky < s.filterHeight; ky++)
          for (let kx = 0; kx < s.filterWidth; kx++) {
            const iy = oy * s.strideHeight - s.padTop + ky * s.dilationHeight;
            const ix = ox * s.strideWidth - s.padLeft + kx * s.dilationWidth;
            if (iy < 0 || iy >= s.inHeight || ix < 0 || ix >= s.inWidth) continue;
            for (let c = 0; c < s.inChannels; c++)
              for (let d = 0; d < s.outChannels; d++) {
                const x = ((image * s.inHeight + iy) * s.inWidth + ix) * s.inChannels + c;
                const y = ((image * s.outHeight + oy) * s.outWidth + ox) * s.outChannels + d;
                const w = ((ky * s.filterWidth + kx) * s.inChannels + c) * s.outChannels + d;
                addTerm(out, y, input[x], filter[w]);
                addTerm(inputGradient, x, outGradient[y], filter[w]);
                addTerm(weightGradient, w, outGradient[y], input[x]);
              }
          }
  return { out, inputGradient, weightGradient };
}
