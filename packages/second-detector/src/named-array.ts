/** A tensor outside of tfjs: row-major values and their shape. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * @throws RangeError that lists every missing name, every name too many, every array of another shape and every one with a NaN
 *   or infinite number
 */
export function checkArrays(
  caller: string,
  expected: ReadonlyMap<string, readonly number[]>,
  arrays: ReadonlyMap<string, NamedArray>,
): void {
  const faults: string[] = [];
  const missing = [...expected.keys()].filter((name) => !arrays.has(name));
  const extra = [...arrays.keys()].filter((name) => !expected.has(name));
  if (missing.length > 0) faults.push(`missing ${missing.join(", ")}`);
  if (extra.length > 0) faults.push(`unknown ${extra.join(", ")}`);
  for (const [name, shape] of expected) {
    const array = arrays.get(name);
    if (array === undefined) continue;
    const size = shape.reduce((product, n) => product * n, 1);
    if (array.shape.join() !== shape.join()) {
      faults.push(`expected shape [${shape.join(", ")}] for ${name}, got [${array.shape.join(", ")}]`);
    } else if (array.data.length !== size) {
      faults.push(`expected ${size} numbers for ${name}, got ${array.data.length}`);
    } else {
      const bad = firstNotFinite(array.data);
      if (bad >= 0) faults.push(`expected finite numbers for ${name}, got ${array.data[bad]} at ${bad}`);
    }
  }
  if (faults.length > 0) throw new RangeError(`${caller}: weights do not fit the configuration: ${faults.join("; ")}`);
}

/** Index of the first NaN or infinity, or -1. Zero times either is NaN. */
export function firstNotFinite(values: Float32Array): number {
  for (let i = 0; i < values.length; i++) if (values[i] * 0 !== 0) return i;
  return -1;
}
