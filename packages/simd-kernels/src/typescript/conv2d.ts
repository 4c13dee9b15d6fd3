import type { Conv2dShape, MappedGemmOptions, PairMap } from "../operation-options.js";
import { mappedGemm, mappedGemmInputGradient, mappedGemmWeightGradient } from "./mapped-gemm.js";

/**
 * The pairs of a dense convolution: for each filter tap, every output pixel whose input pixel lies in the image, in
 * raster order. A convolution is the mapped product over this map.
 */
function buildRegularMap(shape: Conv2dShape): PairMap {
  const { batch, inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth } = shape;
  const taps = filterHeight * filterWidth;
  const starts = new Int32Array(taps + 1);
  const inputs = new Int32Array(taps * batch * outHeight * outWidth);
  const outputs = new Int32Array(inputs.length);
  let count = 0;
  for (let tap = 0; tap < taps; tap++) {
    const offsetY = Math.floor(tap / filterWidth) * shape.dilationHeight - shape.padTop;
    const offsetX = (tap % filterWidth) * shape.dilationWidth - shape.padLeft;
    for (let image = 0; image < batch; image++) {
      for (let y = 0; y < outHeight; y++) {
        const inY = y * shape.strideHeight + offsetY;
        if (inY < 0 || inY >= inHeight) continue;
        for (let x = 0; x < outWidth; x++) {
          const inX = x * shape.strideWidth + offsetX;
          if (inX < 0 || inX >= inWidth) continue;
          inputs[count] = (image * inHeight + inY) * inWidth + inX;
          outputs[count] = (image * outHeight + y) * outWidth + x;
          count++;
        }
      }
    }
    starts[tap + 1] = count;
  }
  return { taps, starts, inputs, outputs };
}

function regularOptions(shape: Conv2dShape): MappedGemmOptions {
  return {
    map: buildRegularMap(shape),
    inRows: shape.batch * shape.inHeight * shape.inWidth,
    outRows: shape.batch * shape.outHeight * shape.outWidth,
    cin: shape.inChannels,
    cout: shape.outChannels,
  };
}

/** Plain twin of `conv2d`. */
export function conv2d(input: Float32Array, filter: Float32Array, out: Float32Array, shape: Conv2dShape): void {
  mappedGemm(input, filter, out, regularOptions(shape));
}

/** Plain twin of `conv2dInputGradient`. */
export function conv2dInputGradient(
  outGradient: Float32Array,
  filter: Float32Array,
  inputGradient: Float32Array,
  shape: Conv2dShape,
): void {
  mappedGemmInputGradient(outGradient, filter, inputGradient, regularOptions(shape));
}

/** Plain twin of `conv2dFilterGradient`. */
export function conv2dFilterGradient(
  input: Float32Array,
  outGradient: Float32Array,
  filterGradient: Float32Array,
  shape: Conv2dShape,
): void {
  mappedGemmWeightGradient(input, outGradient, filterGradient, regularOptions(shape));
}
