/** One number of every row of a file, wherever it lies. */
export interface Column {
  /** as the file has it */
  readonly name: string;
  readonly at: (row: number) => number;
}

/** What a file holds, before its columns are named and put in order. */
export interface Table {
  readonly rows: number;
  readonly columns: readonly Column[];
  /** all of it row after row, where the file has it so: a copy of its own */
  readonly floats?: Float32Array | undefined;
}

/** How a number is stored. */
export type NumberType = "i1" | "i2" | "i4" | "i8" | "u1" | "u2" | "u4" | "u8" | "f2" | "f4" | "f8";

/** Bytes of a number. */
export function sizeOf(type: NumberType): number {
  return Number(type[1]);
}

/** Where the numbers of a column lie. */
export interface Layout {
  readonly view: DataView;
  /** of the first number, in bytes */
  readonly offset: number;
  /** from one number to the next, in bytes */
  readonly stride: number;
  readonly type: NumberType;
  readonly littleEndian: boolean;
}

/** A column of numbers at equal distances. Whole numbers of 8 bytes beyond 2^53 are rounded. */
export function stridedColumn(name: string, { view, offset, stride, type, littleEndian }: Layout): Column {
  const read = READERS[type];
  return { name, at: (row) => read(view, offset + row * stride, littleEndian) };
}

type Reader = (view: DataView, at: number, littleEndian: boolean) => number;

const READERS: Readonly<Record<NumberType, Reader>> = {
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u1: (view, at) => view.getUint8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  f2: (view, at, little) => halfOf(view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

/** One number of a file. */
export function numberAt(view: DataView, at: number, type: NumberType, littleEndian: boolean): number {
  return READERS[type](view, at, littleEndian);
}

/** A float16 from its bits: sign, five of exponent, ten of fraction. */
function halfOf(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** A copy of little-endian float32 numbers; undefined where this machine has them otherwise, and they are read one by one. */
export function copiedFloats(bytes: Uint8Array): Float32Array | undefined {
  return isLittleEndian ? new Float32Array(new Uint8Array(bytes).buffer) : undefined;
}

/** The bytes as numbers. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
