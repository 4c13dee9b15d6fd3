import { checkPoints, POINT_SIZE } from "../labelled-scan.js";

/** Decibels per kilometre, as propagation of light is tabulated, in 1/m. */
const PER_METRE = Math.LN10 / 10 / 1000;

/**
 * Extinction of fog: light falls to 5 % over the meteorological optical range (Koschmieder 1924, at the threshold of the World
 * Meteorological Organization). Droplets of fog are large against 905 nm, so what holds for visible light holds for the sensor's.
 * @param visibility meteorological optical range, metres, above 0
 * @returns 1/m
 */
export function fogExtinction(visibility: number): number {
  return Math.log(20) / visibility;
}

/**
 * Extinction of rain: 1.076 R^0.67 dB/km (Carbonneau and Wisely 1998).
 * @param rate R, mm/h
 * @returns 1/m
 */
export function rainExtinction(rate: number): number {
  return 1.076 * rate ** 0.67 * PER_METRE;
}

/**
 * Extinction of dry snow at 905 nm: (5.42e-5 λ + 5.4958776) S^1.38 dB/km (Recommendation ITU-R P.1817, table 2).
 * @param rate S, mm/h
 * @returns 1/m
 */
export function snowExtinction(rate: number): number {
  return (5.42e-5 * 905 + 5.4958776) * rate ** 1.38 * PER_METRE;
}

/** What is in the air between sensor and scene. */
export interface AirOptions {
  /** α, the share of light that is lost on a metre, 1/m, at least 0 */
  readonly extinction: number;
  /** of the rays that lose their surface, the share that what is in the air returns, 0..1; default 0 */
  readonly backscatter?: number;
  /** uniform in 0..1 */
  readonly rng: () => number;
}

/** From where on the receiver sees the beam, metres: nothing nearer is returned (R₂ of Hahner and others 2021). */
const NEAREST = 1;
/** 1/m: in fog of this extinction one sees 30 cm. */
const THICKEST = 10;
/** Readings of drops and flakes are dark: uniform from 0 to this. */
const BRIGHTEST = 0.1;

/**
 * The scan as it would come through fog, rain or snow, by the law of Beer and Lambert there and back: of the points at range r a share of
 * exp(−2αr) stays, with intensities times exp(−2αr). A ray that loses its surface may be returned by the air itself: at a range s between
 * 1 m and r of the density exp(−2αs)/s², the power that a soft target returns (Rasshofer, Spies, Spies 2011), and dark. A simple model: no
 * pulse form, no beam's width, no wet surfaces, no spray; how much the air returns is a choice and no law.
 * @param points [n, 4] x, y, z, intensity; the sensor stands at the origin of the LiDAR frame, metres
 * @throws RangeError for an extinction below 0, or a share that is none
 */
export function throughAir(points: Float32Array, { extinction, backscatter = 0, rng }: AirOptions): Float32Array {
  checkPoints("throughAir", points);
  if (!(extinction >= 0 && Number.isFinite(extinction))) {
    throw new RangeError(`throughAir: expected a number of at least 0 for extinction, got ${extinction}`);
  }
  if (!(backscatter >= 0 && backscatter <= 1)) {
    throw new RangeError(`throughAir: expected 0..1 for backscatter, got ${backscatter}`);
  }
  const seen = new Float32Array(points.length);
  let at = 0;
  for (let i = 0; i < points.length; i += POINT_SIZE) {
    const [x, y, z, intensity] = points.subarray(i, i + POINT_SIZE);
    const range = Math.hypot(x, y, z);
    const through = Math.exp(-2 * extinction * range);
    if (rng() < through) {
      seen.set([x, y, z, intensity * through], at);
      at += POINT_SIZE;
    } else if (rng() < backscatter && range > NEAREST && range < Number.POSITIVE_INFINITY) {
      const nearer = softRange(range, extinction, rng) / range;
      seen.set([x * nearer, y * nearer, z * nearer, BRIGHTEST * rng()], at);
      at += POINT_SIZE;
    }
  }
  return seen.slice(0, at);
}

/**
 * A range of the density exp(−2αs)/s² between the nearest and `farthest`: drawn from 1/s², kept with the rest of the density. That takes
 * some 2α tries; in thicker air than any fog it is drawn from exp(−2αs) and kept with 1/s², nearly always.
 */
function softRange(farthest: number, extinction: number, rng: () => number): number {
  while (extinction > THICKEST) {
    const within = -Math.expm1(-2 * extinction * (farthest - NEAREST));
    const range = NEAREST - Math.log1p(-rng() * within) / (2 * extinction);
    if (rng() < (NEAREST / range) ** 2) return range;
  }
  for (;;) {
    const range = 1 / (1 / NEAREST - rng() * (1 / NEAREST - 1 / farthest));
    if (rng() < Math.exp(-2 * extinction * (range - NEAREST))) return range;
  }
}
