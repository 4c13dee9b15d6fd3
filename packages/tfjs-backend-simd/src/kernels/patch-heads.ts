import type { TensorInfo } from "@tensorflow/tfjs-core";
import { kernels } from "simd-kernels";
import type { FastKernels, KernelCall } from "../fast-kernel.js";
import { float32Of, sizeOf } from "../tensor-data.js";

/**
 * Inputs `headBias` [outputs] and, for each level i of `sides`, `cells{i}` [b, h, w, cin], `neck{i}` [cin, side·side·c], `neckBias{i}`
 * [side·side·c] and `head{i}` [c, outputs]; outputs [b, h·side, w·side, width] for each of `widths`, whose sum is the outputs: the
 * heads' shares of headBias + Σ of the levels' pixels · head, where the pixels of a cell are relu(cell · neck + neckBias).
 */
function patchHeads({ inputs, attrs, backend }: KernelCall) {
  const { sides, widths }: { sides: readonly number[]; widths: readonly number[] } = attrs;
  const { headBias, cells0 }: Record<string, TensorInfo> = inputs;
  const [outputs] = headBias.shape;
  const [batch, height, width] = cells0.shape;
  const shape = [batch, height * sides[0], width * sides[0]];
  const pixels = sizeOf(shape);
  const out = backend.allocate(pixels * outputs);
  for (const [i, side] of sides.entries()) {
    const part = (name: string): TensorInfo => inputs[`${name}${i}`];
    const values = (name: string) => float32Of(backend, part(name));
    const [, lines, cells, inChannels] = part("cells").shape;
    kernels().patchHeads(
      {
        cells: values("cells"),
        neck: values("neck"),
        neckBias: values("neckBias"),
        head: values("head"),
        headBias: float32Of(backend, headBias),
        widths: Int32Array.from(widths),
      },
      out,
      {
        ...{ lines: batch * lines, width: cells, inChannels, side, channels: part("head").shape[0], outputs },
        ...{ accumulate: i > 0, precision: backend.precision },
      },
    );
  }
  let first = 0;
  return widths.map((each) => {
    const map = out.subarray(pixels * first, pixels * (first + each));
    first += each;
    return backend.makeTensorInfo([...shape, each], "float32", map);
  });
}

export const patchHeadsKernels: FastKernels = { PatchHeads: patchHeads };
