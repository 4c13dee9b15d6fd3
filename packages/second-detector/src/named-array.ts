/** A tensor outside of tfjs: row-major values and their shape. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** @throws RangeError that lists every missing name, every name too many and every array of another shape */
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
    }
  }
  if (faults.length > 0) throw new RangeError(`${caller}: weights do not fit the configuration: ${faults.join("; ")}`);
}
