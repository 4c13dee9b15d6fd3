import type { TensorInfo } from "@tensorflow/tfjs-core";
import { kernels } from "simd-kernels";
import type { FastKernels, KernelCall } from "../fast-kernel.js";
import { float32Of } from "../tensor-data.js";

/**
 * Inputs `headBias` [outputs] and, for each level i of `sides`, `cells{i}` [b, h, w, cin], `neck{i}` [cin, side·side·c], `neckBias{i}`
 * [side·side·c] and `head{i}` [c, outputs]; output [b, h·side, w·side, outputs], the same size for all: headBias + Σ of the levels'
 * pixels · head, where the pixels of a cell are relu(cell · neck + neckBias).
 */
function patchHeads({ inputs, attrs, backend }: KernelCall) {
  const { sides }: { sides: readonly number[] } = attrs;
  const { headBias, cells0 }: Record<string, TensorInfo> = inputs;
  const [outputs] = headBias.shape;
  const [batch, height, width] = cells0.shape;
  const shape = [batch, height * sides[0], width * sides[0], outputs];
  const out = backend.allocate(shape.reduce((product, size) => product * size));
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
      },
      out,
      {
        ...{ lines: batch * lines, width: cells, inChannels, side, channels: part("head").shape[0], outputs },
        ...{ accumulate: i > 0, precision: backend.precision },
      },
    );
  }
  return backend.makeTensorInfo(shape, "float32", out);
}

export const patchHeadsKernels: FastKernels = { PatchHeads: patchHeads };
