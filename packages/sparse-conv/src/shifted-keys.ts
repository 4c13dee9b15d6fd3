import { kernels, type PairMap } from "simd-kernels";

/**
 * Which keys differ by which shift: input row i meets output row o under tap t where keys[i] = keys[o] + shifts[t].
 * @param keys   [rows] whole numbers, ascending, each once
 * @param shifts [taps]
 */
export function pairShiftedKeys(keys: Float64Array, shifts: Float64Array): PairMap {
  const rows = keys.length;
  const taps = shifts.length;
  // If o meets i under a tap, i meets o under the tap with the opposite shift: both have the same gap, found once.
  const gaps = Float64Array.from([...new Set(Array.from(shifts, Math.abs))].filter((gap) => gap > 0));
  const found = {
    lower: new Int32Array(gaps.length * rows),
    upper: new Int32Array(gaps.length * rows),
    starts: new Int32Array(gaps.length + 1),
  };
  kernels().gapPairs(keys, gaps, found);
  const everyRow = new Int32Array(rows);
  for (let row = 0; row < rows; row += 1) everyRow[row] = row;
  const rowsOfTaps = Array.from(shifts, (shift) => {
    if (shift === 0) return { lower: everyRow, upper: everyRow };
    const gap = gaps.indexOf(Math.abs(shift));
    const [start, end] = [found.starts[gap], found.starts[gap + 1]];
    return { lower: found.lower.subarray(start, end), upper: found.upper.subarray(start, end) };
  });

  const starts = new Int32Array(taps + 1);
  for (let tap = 0; tap < taps; tap += 1) starts[tap + 1] = starts[tap] + rowsOfTaps[tap].lower.length;
  const inputs = new Int32Array(starts[taps]);
  const outputs = new Int32Array(starts[taps]);
  rowsOfTaps.forEach(({ lower, upper }, tap) => {
    inputs.set(shifts[tap] < 0 ? lower : upper, starts[tap]);
    outputs.set(shifts[tap] < 0 ? upper : lower, starts[tap]);
  });
  return { taps, starts, inputs, outputs };
}
