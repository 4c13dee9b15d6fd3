import { checkSamples, checkSize, type Values } from "../neighbours/samples.js";

/** One variable of several that were observed together. */
export interface Variable {
  readonly name: string;
  /** [rows, dims] */
  readonly data: Values;
  readonly dims: number;
}

/**
 * The joint samples [rows, Σ dims]: each row holds the variables one after another. Float64, so nothing is rounded.
 * @throws TypeError or RangeError as {@link checkSamples} for each variable
 */
export function joinSamples(where: string, variables: readonly Variable[], rows: number, k: number): Float64Array {
  for (const { name, data, dims } of variables) {
    checkSize(where, `${name}Dims`, dims);
    checkSamples(where, data, rows, dims, k, name);
  }
  const width = variables.reduce((sum, { dims }) => sum + dims, 0);
  const joint = new Float64Array(rows * width);
  let offset = 0;
  for (const { data, dims } of variables) {
    for (let i = 0; i < rows; i++) {
      for (let d = 0; d < dims; d++) joint[i * width + offset + d] = data[i * dims + d];
    }
    offset += dims;
  }
  return joint;
}
