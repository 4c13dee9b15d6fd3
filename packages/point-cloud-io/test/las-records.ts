import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A copy of the bytes of `fixtures/NAME.laz`. */
export function lazFixture(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(join(import.meta.dirname, "fixtures", `${name}.laz`)));
}

/** What a record has of each format: its size, and where a time, colours and near infrared begin in it. */
export const LAYOUTS: Readonly<Record<number, { size: number; time?: number; colour?: number; infrared?: number }>> = {
  0: { size: 20 },
  1: { size: 28, time: 20 },
  2: { size: 26, colour: 20 },
  3: { size: 34, time: 20, colour: 28 },
  6: { size: 30, time: 22 },
  7: { size: 36, time: 22, colour: 30 },
  8: { size: 38, time: 22, colour: 30, infrared: 36 },
};

/** How a made scan is. */
export interface Scan {
  readonly format: number;
  readonly rows: number;
  /** bytes of a record beyond the format's */
  readonly extra?: number;
  /** share of the numbers that are wild instead of near the last ones */
  readonly wild?: number;
  /** a late format's channels of the scanner */
  readonly channels?: number;
}

/** Plain records of a spinning sensor's sweep: rings of walls around it, several returns, times in two series. */
export function sweep({ format, rows, extra = 0, wild = 0, channels = 1 }: Scan, rng: () => number): Uint8Array {
  const { size, time, colour, infrared } = LAYOUTS[format];
  const stride = size + extra;
  const bytes = new Uint8Array(rows * stride);
  const isLate = format > 5;
  const below = (n: number): number => Math.floor(rng() * n);
  const isWild = (): boolean => rng() < wild;
  const any32 = (): number => below(2 ** 32) | 0;
  let [intensity, source, angle, seconds, step] = [100, 1, 0, 1e5, 1e-4];
  const grey = [40, 40, 40];
  for (let i = 0; i < rows; i++) {
    const view = new DataView(bytes.buffer, i * stride, stride);
    const turn = i / 40;
    const range = 8 + 4 * Math.sin(3 * turn) + 0.02 * rng();
    const place = [range * Math.cos(turn), range * Math.sin(turn), (i % 8) / 4 - 1].map((m) => Math.round(1000 * m));
    for (let axis = 0; axis < 3; axis++) view.setInt32(4 * axis, isWild() ? any32() : place[axis], true);
    intensity = isWild() ? below(65536) : Math.min(65535, Math.max(0, intensity + below(9) - 4));
    view.setUint16(12, intensity, true);
    const most = isLate ? 15 : 7;
    const returns = isWild() ? below(most + 1) : 1 + (i % 11 === 0 ? 1 : 0);
    const which = isWild() ? below(most + 1) : 1 + below(returns);
    const [direction, edge] = [i % 90 < 45 ? 1 : 0, i % 90 === 0 ? 1 : 0];
    const kind = isWild() ? below(isLate ? 256 : 32) : i % 50 < 30 ? 2 : 6;
    if (isWild()) source = below(65536);
    angle = isWild() ? below(65536) : Math.round(1000 * Math.sin(turn));
    if (isLate) {
      view.setUint8(14, which | (returns << 4));
      const channel = below(10) === 0 ? below(channels) : (i >> 3) % channels;
      view.setUint8(15, (isWild() ? below(16) : 0) | (channel << 4) | (direction << 6) | (edge << 7));
      view.setUint8(16, kind);
      view.setUint8(17, isWild() ? below(256) : 3);
      view.setUint16(18, angle, true);
      view.setUint16(20, source, true);
    } else {
      view.setUint8(14, which | (returns << 3) | (direction << 6) | (edge << 7));
      view.setUint8(15, kind);
      view.setUint8(16, angle);
      view.setUint8(17, isWild() ? below(256) : 3);
      view.setUint16(18, source, true);
    }
    if (time !== undefined) {
      if (rng() < 0.02) step = rng() * 10 ** -below(6);
      if (rng() < 0.7) seconds += step * (rng() < 0.1 ? below(700) - 20 : 1);
      if (isWild()) view.setBigInt64(time, (BigInt(any32()) << 32n) | BigInt(below(2 ** 32)), true);
      else view.setFloat64(time, i % 20 === 7 ? seconds * 1000 : seconds, true);
    }
    for (let c = 0; colour !== undefined && c < 3; c++) {
      grey[c] = isWild() ? below(65536) : i % 30 < 20 ? grey[0] : (grey[c] + 257 * below(5)) & 65535;
      view.setUint16(colour + 2 * c, grey[c], true);
    }
    if (infrared !== undefined) view.setUint16(infrared, isWild() ? below(65536) : 300 + (i >> 2), true);
    for (let b = size; b < stride; b++) view.setUint8(b, isWild() ? below(256) : b === size ? i % 7 : 9);
  }
  return bytes;
}
