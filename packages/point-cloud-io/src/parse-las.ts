import { quoted } from "checked-text";
import { type Column, type NumberType, stridedColumn, type Table, viewOf } from "./column.js";
import type { ParseContext } from "./read-point-cloud.js";
import { unpackLaz } from "./unpack-laz.js";

type Place = readonly [name: string, type: NumberType, offset: number];

const EARLY: readonly Place[] = [
  ["intensity", "u2", 12],
  ["classification", "u1", 15],
  ["user_data", "u1", 17],
  ["point_source_id", "u2", 18],
];
const LATE: readonly Place[] = [
  ["intensity", "u2", 12],
  ["classification", "u1", 16],
  ["user_data", "u1", 17],
  ["point_source_id", "u2", 20],
  ["gps_time", "f8", 22],
];
const time = (offset: number): Place => ["gps_time", "f8", offset];
const colour = (offset: number): Place[] => [
  ["red", "u2", offset],
  ["green", "u2", offset + 2],
  ["blue", "u2", offset + 4],
];

/** Bytes of a record at least, and what is read of it, for the point formats 0 to 10 of LAS 1.4. Classes of the early ones have flags above five bits. */
const FORMATS: readonly { readonly size: number; readonly places: readonly Place[] }[] = [
  { size: 20, places: EARLY },
  { size: 28, places: [...EARLY, time(20)] },
  { size: 26, places: [...EARLY, ...colour(20)] },
  { size: 34, places: [...EARLY, time(20), ...colour(28)] },
  { size: 57, places: [...EARLY, time(20)] },
  { size: 63, places: [...EARLY, time(20), ...colour(28)] },
  { size: 30, places: LATE },
  { size: 36, places: [...LATE, ...colour(30)] },
  { size: 38, places: [...LATE, ...colour(30), ["nir", "u2", 36]] },
  { size: 59, places: LATE },
  { size: 67, places: [...LATE, ...colour(30), ["nir", "u2", 36]] },
];

/** Bits of the point format that say how points are packed: LAZ sets the upper one. */
const PACKING = 0xc0;
const LAZ = 0x80;

/** Bytes of the shortest header, that of LAS 1.0 to 1.2, and of 1.4's. */
const HEADER = 227;
const HEADER_1_4 = 375;

/**
 * A LAS or LAZ file, versions 1.0 to 1.4: places as scale · number + offset in float64, and each record's own numbers (intensity up
 * to 65535, colours up to 65535, time in seconds). Nothing is subtracted from coordinates. Whether points are packed is said by
 * the header, not by the name.
 * @throws Error with the byte
 */
export async function parseLas(bytes: Uint8Array, { where }: ParseContext): Promise<Table> {
  const wrong = (byte: number, expected: string, got: string | number): Error =>
    new Error(`${where}: byte ${byte}: expected ${expected}, got ${got}`);
  const signature = String.fromCharCode(...bytes.subarray(0, 4));
  if (signature !== "LASF") throw wrong(0, '"LASF"', quoted(signature));
  if (bytes.length < HEADER) throw wrong(4, `a header of ${HEADER} bytes`, `${bytes.length} bytes`);
  const view = viewOf(bytes);
  const [major, minor] = [bytes[24], bytes[25]];
  if (major !== 1 || minor > 4) throw wrong(24, "version 1.0 to 1.4", `${major}.${minor}`);
  const packing = bytes[104] & PACKING;
  const format = bytes[104] & ~PACKING;
  if (packing !== 0 && packing !== LAZ) {
    throw wrong(
      104,
      `points that are not packed, or by LASzip 2 or newer (${LAZ})`,
      `${packing}: write the file again`,
    );
  }
  if (format >= FORMATS.length) throw wrong(104, "a point format from 0 to 10", format);
  const { size, places } = FORMATS[format];
  const stride = view.getUint16(105, true);
  if (stride < size) throw wrong(105, `records of at least ${size} bytes for point format ${format}`, stride);
  const start = view.getUint32(96, true);
  const rows = countOf(view, minor);
  if (packing === 0 && rows * stride > bytes.length - start) {
    throw wrong(
      start,
      `${rows} points of ${stride} bytes`,
      `${Math.max(0, bytes.length - start)} bytes: write the file again`,
    );
  }
  const records =
    packing === 0 ? bytes.subarray(start) : await unpackLaz(bytes, { format, rows, stride, start }, wrong);
  const layout = { view: viewOf(records), stride, littleEndian: true };
  const axes = ["x", "y", "z"].map((name, axis): Column => {
    const [scale, offset] = [view.getFloat64(131 + 8 * axis, true), view.getFloat64(155 + 8 * axis, true)];
    if (!Number.isFinite(scale * offset) || scale === 0) {
      throw wrong(131 + 8 * axis, `a scale and an offset of ${name}`, `${scale} and ${offset}`);
    }
    const { at } = stridedColumn(name, { ...layout, offset: 4 * axis, type: "i4" });
    return { name, at: (row) => at(row) * scale + offset };
  });
  const others = places.map(([name, type, offset]) => stridedColumn(name, { ...layout, offset, type }));
  return { rows, columns: [...axes, ...others] };
}

/** 1.4 has a count of 8 bytes beside the old one, which is 0 where it does not suffice. */
function countOf(view: DataView, minor: number): number {
  const long = minor === 4 && view.byteLength >= HEADER_1_4 ? Number(view.getBigUint64(247, true)) : 0;
  return long > 0 ? long : view.getUint32(107, true);
}
