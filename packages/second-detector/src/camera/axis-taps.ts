/** Which old samples along one axis make each of `to` new ones: (1 − share) · first + share · second. */
export interface AxisTaps {
  /** [to] */
  readonly first: Int32Array;
  /** [to] first + 1, or the last one there is */
  readonly second: Int32Array;
  /** [to] 0..1 */
  readonly share: Float64Array;
}

/** Half-pixel centres: sample i lies at (i + ½)·from/to − ½, no further out than the outermost old samples. */
export function bilinearTaps(from: number, to: number): AxisTaps {
  return tapsAt(from, to, (i) => Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1));
}

/** The old sample ⌊i·from/to⌋ alone. */
export function nearestTaps(from: number, to: number): AxisTaps {
  return tapsAt(from, to, (i) => Math.floor((i * from) / to));
}

function tapsAt(from: number, to: number, place: (i: number) => number): AxisTaps {
  const [first, second, share] = [new Int32Array(to), new Int32Array(to), new Float64Array(to)];
  for (let i = 0; i < to; i++) {
    const at = place(i);
    first[i] = Math.floor(at);
    second[i] = Math.min(first[i] + 1, from - 1);
    share[i] = at - first[i];
  }
  return { first, second, share };
}
