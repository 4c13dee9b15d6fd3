import type { MappedGemmOptions } from "../operation-options.js";
import { addRowTimesMatrix, transposed } from "./add-product.js";

/** Plain twin of `mappedGemm`: pair by pair, tap by tap. */
export function mappedGemm(
  input: Float32Array,
  weights: Float32Array,
  out: Float32Array,
  { map, cin, cout }: MappedGemmOptions,
): void {
  out.fill(0);
  for (let tap = 0; tap < map.taps; tap++) {
    for (let p = map.starts[tap]; p < map.starts[tap + 1]; p++) {
      const from = map.inputs[p] * cin;
      addRowTimesMatrix(out, map.outputs[p] * cout, input, from, weights, tap * cin * cout, cin, cout);
    }
  }
}

/** Plain twin of `mappedGemmInputGradient`: the same walk with input and output exchanged and each tap transposed. */
export function mappedGemmInputGradient(
  outGradient: Float32Array,
  weights: Float32Array,
  inputGradient: Float32Array,
  { map, cin, cout }: MappedGemmOptions,
): void {
  inputGradient.fill(0);
  for (let tap = 0; tap < map.taps; tap++) {
    if (map.starts[tap] === map.starts[tap + 1]) continue;
    const matrix = transposed(weights, tap * cin * cout, cin, cout); // [cout,cin]
    for (let p = map.starts[tap]; p < map.starts[tap + 1]; p++) {
      addRowTimesMatrix(inputGradient, map.inputs[p] * cin, outGradient, map.outputs[p] * cout, matrix, 0, cout, cin);
    }
  }
}

/** Plain twin of `mappedGemmWeightGradient`: a sum of outer products per tap, four pairs at a time. */
export function mappedGemmWeightGradient(
  input: Float32Array,
  outGradient: Float32Array,
  weightGradient: Float32Array,
  { map, cin, cout }: MappedGemmOptions,
): void {
  weightGradient.fill(0);
  const { starts, inputs, outputs } = map;
  for (let tap = 0; tap < map.taps; tap++) {
    const base = tap * cin * cout;
    const end = starts[tap + 1];
    let p = starts[tap];
    for (; p + 4 <= end; p += 4) {
      const i0 = inputs[p] * cin;
      const i1 = inputs[p + 1] * cin;
      const i2 = inputs[p + 2] * cin;
      const i3 = inputs[p + 3] * cin;
      const o0 = outputs[p] * cout;
      const o1 = outputs[p + 1] * cout;
      const o2 = outputs[p + 2] * cout;
      const o3 = outputs[p + 3] * cout;
      for (let c = 0; c < cin; c++) {
        const x0 = input[i0 + c];
        const x1 = input[i1 + c];
        const x2 = input[i2 + c];
        const x3 = input[i3 + c];
        const row = base + c * cout;
        for (let j = 0; j < cout; j++) {
          weightGradient[row + j] +=
            x0 * outGradient[o0 + j] + x1 * outGradient[o1 + j] + x2 * outGradient[o2 + j] + x3 * outGradient[o3 + j];
        }
      }
    }
    for (; p < end; p++) {
      for (let c = 0; c < cin; c++) {
        const x = input[inputs[p] * cin + c];
        const row = base + c * cout;
        const o = outputs[p] * cout;
        for (let j = 0; j < cout; j++) weightGradient[row + j] += x * outGradient[o + j];
      }
    }
  }
}
