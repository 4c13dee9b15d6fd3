/** A laser of the sensor. */
export interface Beam {
  /** angle above the horizon, radians */
  readonly elevation: number;
  /** where the light leaves and returns: metres above the origin of the LiDAR frame, on its z axis */
  readonly height: number;
  /** turn against the other beams, as a share of the azimuth step, 0..1: columns of neighbouring rows are not aligned */
  readonly phase: number;
  /** added to what it reads: some lasers of a real sensor see everything darker */
  readonly bias: number;
}

const DEGREE = Math.PI / 180;

/**
 * The 64 beams of an HDL-64E, from the highest to the lowest: an upper block of 32 every 0.343° and a lower block of 32
 * every 0.515°, each looking out of its own lens. Fitted to KITTI's scans (a line z = height + r tan elevation per
 * row); the data sheet's +2° .. -8.33° by 1/3° and -8.83° .. -24.33° by 1/2° are the same block design, rounded.
 */
export const HDL64E_BEAMS: readonly Beam[] = Array.from({ length: 64 }, (_, row) => {
  const upper = row < 32;
  const degrees = upper ? 1.95 - 0.343 * row : -9.05 - 0.515 * (row - 32);
  return {
    elevation: degrees * DEGREE,
    height: upper ? 0.2 : 0.12,
    phase: (row * 0.618034) % 1,
    bias: 0.02 - 0.2 * ((row * 0.754878) % 1) ** 4,
  };
});

/** Firings in a packet: the sensor fires every 0.18°, and 0.09° after the last of a packet. */
const PACKET = 7;
const STEP = 0.18 * DEGREE;
const PACKET_ANGLE = (PACKET - 0.5) * STEP;

/** Firings of a laser in a full turn, mean step 0.1671° (the data sheet: 0.1728°). */
export const FIRINGS = Math.round((2 * Math.PI * PACKET) / PACKET_ANGLE);

/**
 * The azimuths of a beam's firings in one turn, counter-clockwise from straight ahead, as KITTI's scans are sorted.
 * @param start where in the packet the turn begins, 0..1
 * @returns [firings] radians, 0..2π, rising
 */
export function firingAzimuths(beam: Beam, start: number): Float64Array {
  const azimuths = new Float64Array(FIRINGS);
  const offset = start * PACKET_ANGLE + beam.phase * STEP;
  for (let k = 0; k < FIRINGS; k++) {
    const azimuth = offset + Math.floor(k / PACKET) * PACKET_ANGLE + (k % PACKET) * STEP;
    azimuths[k] = azimuth % (2 * Math.PI);
  }
  return azimuths.sort();
}

/** How many beams a sensor has. */
export type BeamCount = 32 | 64 | 128;

/** Those that there are. */
export const BEAM_COUNTS: readonly BeamCount[] = [32, 64, 128];

/** What a turning LiDAR looks like to the world. */
export interface Sensor {
  /** from the highest to the lowest */
  readonly beams: readonly Beam[];
  /** firings of each beam in a full turn */
  readonly firings: number;
  /**
   * The azimuths of a beam's firings in one turn, counter-clockwise from straight ahead.
   * @param start where the turn begins, 0..1
   * @returns [firings] radians, 0..2π, rising
   */
  readonly azimuths: (beam: Beam, start: number) => Float64Array;
}

/** The sensors by their beams. All stand where KITTI's does. */
export const SENSORS: Readonly<Record<BeamCount, Sensor>> = {
  /** an HDL-32E at 20 turns a second: as nuScenes has it */
  32: evenSensor(32, { from: 10.67, to: -30.67, firings: 1084 }),
  /** KITTI's HDL-64E */
  64: { beams: HDL64E_BEAMS, firings: FIRINGS, azimuths: firingAzimuths },
  /** the field of view of a VLS-128, which has its beams closer together near the horizon */
  128: evenSensor(128, { from: 15, to: -25, firings: 1800 }),
};

/** Beams of even steps, degrees, whose firings are even in azimuth, too; all out of one lens at the origin. */
function evenSensor(
  count: number,
  { from, to, firings }: { readonly from: number; readonly to: number; readonly firings: number },
): Sensor {
  const beams = Array.from({ length: count }, (_, row) => ({
    elevation: (from + ((to - from) * row) / (count - 1)) * DEGREE,
    height: 0,
    phase: (row * 0.618034) % 1,
    bias: 0,
  }));
  const step = (2 * Math.PI) / firings;
  const azimuths = (beam: Beam, start: number) =>
    Float64Array.from({ length: firings }, (_, k) => (k + ((beam.phase + start) % 1)) * step);
  return { beams, firings, azimuths };
}

/** What part of the turn is cast: all of it, or what the camera sees and a little more. */
export type Field = "full" | "camera";

/** Half the camera's sector. Its view is 81° wide; the rest allows for its turn and place against the sensor. */
const CAMERA_HALF_ANGLE = 45 * DEGREE;

/** Whether a firing at some azimuth (0..2π) belongs to the field. */
export function inField(azimuth: number, field: Field): boolean {
  return field === "full" || azimuth <= CAMERA_HALF_ANGLE || azimuth >= 2 * Math.PI - CAMERA_HALF_ANGLE;
}
