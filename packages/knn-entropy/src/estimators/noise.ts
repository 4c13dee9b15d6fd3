import { checkArray, checkSize, type Values } from "../neighbours/samples.js";

/** Noise that tells equal samples apart. */
export interface Noise {
  /** a 32-bit integer: the same seed gives the same noise */
  readonly seed: number;
  /** amplitude as a share of each coordinate's standard deviation; default 1e-8 */
  readonly size?: number;
  /** `uniform` within ± the amplitude (default), or `normal` of that standard deviation */
  readonly law?: "uniform" | "normal";
}

/** Share of the deviation: 2²⁶ different float64 numbers within it, so that tens of thousands of equal values part. */
const SIZE = 1e-8;

/** Smallest amplitude as a share of the largest magnitude: some 2¹¹ float64 numbers within it. */
const SMALLEST = 2 ** -42;

/**
 * A copy of samples with noise of its own on each value, against ties (Kraskov, Stögbauer and Grassberger 2004, section II A).
 * The amplitude is `size` times the standard deviation of a coordinate, or times the magnitude of a constant one (1 for zeros),
 * and at least 2⁻⁴² of the coordinate's largest magnitude, as less would vanish in the rounding of values far from 0. The
 * paper's 1e-10 leaves 2¹⁹ numbers: 20 000 equal values would meet again some hundred times.
 * @param x [rows, dims] row-major; not changed
 * @returns [rows, dims] float64; NaN and infinite values stay
 * @throws TypeError for another kind of array, RangeError for sizes that disagree, a size that is not positive and finite, a
 *         seed that is no integer or another law
 */
export function addNoise(
  x: Values,
  { rows, dims, ...noise }: Noise & { readonly rows: number; readonly dims: number },
): Float64Array {
  return noisy("addNoise", [{ name: "x", data: x, dims }], rows, noise)[0].data as Float64Array;
}

/** Variables observed together with noise, each with its own; as they are without the option. */
export function noisy<Variable extends { readonly name: string; readonly data: Values; readonly dims: number }>(
  where: string,
  variables: readonly Variable[],
  rows: number,
  noise: Noise | undefined,
): readonly Variable[] {
  if (noise === undefined) return variables;
  const { size = SIZE, law = "uniform", seed } = noise;
  if (!(size > 0) || size === Infinity) {
    throw new RangeError(`${where}: expected a positive finite number for noise.size, got ${size}`);
  }
  if (!Number.isInteger(seed)) throw new RangeError(`${where}: expected an integer for noise.seed, got ${seed}`);
  if (law !== "uniform" && law !== "normal") {
    throw new RangeError(`${where}: expected uniform or normal for noise.law, got ${String(law)}`);
  }
  const random = generator(seed);
  const draw = law === "uniform" ? () => 2 * random() - 1 : () => normal(random);
  return variables.map((variable) => {
    const { name, data, dims } = variable;
    if (variables.length > 1) checkSize(where, `${name}Dims`, dims);
    checkArray(where, data, rows, dims, name);
    const amplitudes = Float64Array.from({ length: dims }, (_, d) => amplitudeOf(data, d, dims, size));
    return { ...variable, data: Float64Array.from(data, (value, i) => value + amplitudes[i % dims] * draw()) };
  });
}

/** Noise of one coordinate; in units of its largest magnitude, so that no square leaves the range. */
function amplitudeOf(data: Values, coordinate: number, dims: number, size: number): number {
  let largest = 0;
  let count = 0;
  for (let i = coordinate; i < data.length; i += dims) {
    if (!Number.isFinite(data[i])) continue;
    largest = Math.max(largest, Math.abs(data[i]));
    count++;
  }
  if (largest === 0) return size;
  const moment = (centre: number, power: number) => {
    let sum = 0;
    for (let i = coordinate; i < data.length; i += dims) {
      if (Number.isFinite(data[i])) sum += (data[i] / largest - centre) ** power;
    }
    return sum / count;
  };
  const deviation = Math.sqrt(moment(moment(0, 1), 2));
  // rounding of the mean gives a constant some 1e-16
  return largest * Math.max(size * (deviation > 1e-15 ? deviation : 1), SMALLEST);
}

/** Uniform numbers in [0, 1) of 53 bits, from two of a 32-bit generator each (mulberry32, T. Ettinger 2017). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  const bits = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  return () => ((bits() >>> 5) * 2 ** 26 + (bits() >>> 6)) / 2 ** 53;
}

/** Standard normal (Box and Muller 1958). */
function normal(random: () => number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}
