/** Writers for tests alone: they share no code with the readers. */

export type Rows = readonly (readonly number[])[];

export const text = (content: string): Uint8Array => Uint8Array.from(content, (each) => each.charCodeAt(0));

export function joined(...parts: (Uint8Array | string)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...(typeof part === "string" ? text(part) : part)]));
}

/** How numbers are stored: C's type and size, such as f4. */
export type Kind = "i1" | "i2" | "i4" | "i8" | "u1" | "u2" | "u4" | "u8" | "f4" | "f8";

/** One number. */
export function number(value: number, kind: Kind, littleEndian = true): Uint8Array {
  const buffer = Buffer.alloc(Number(kind[1]));
  const bits = 8 * buffer.length;
  if (kind === "f4") buffer.writeFloatLE(value);
  else if (kind === "f8") buffer.writeDoubleLE(value);
  else {
    let rest = BigInt.asUintN(bits, BigInt(value));
    for (let i = 0; i < buffer.length; i++, rest >>= 8n) buffer[i] = Number(rest & 255n);
  }
  return littleEndian ? buffer : buffer.reverse();
}

/** A file of float32 numbers. */
export const bin = (rows: Rows): Uint8Array => joined(...rows.flat().map((value) => number(value, "f4")));

export interface PcdOptions {
  readonly fields: readonly string[];
  readonly kinds: readonly Kind[];
  readonly counts?: readonly number[];
  readonly data: "ascii" | "binary" | "binary_compressed";
  /** lines instead of those that fit */
  readonly lines?: Readonly<Record<string, string>>;
}

/** A PCD file; rows hold all numbers, those of padding too. */
export function pcd(
  rows: Rows,
  { fields, kinds, counts = fields.map(() => 1), data, lines = {} }: PcdOptions,
): Uint8Array {
  const own: Record<string, string> = {
    VERSION: "0.7",
    FIELDS: fields.join(" "),
    SIZE: kinds.map((kind) => kind[1]).join(" "),
    TYPE: kinds.map((kind) => kind[0].toUpperCase()).join(" "),
    COUNT: counts.join(" "),
    WIDTH: `${rows.length}`,
    HEIGHT: "1",
    VIEWPOINT: "0 0 0 1 0 0 0",
    POINTS: `${rows.length}`,
    DATA: data,
  };
  const header = Object.entries({ ...own, ...lines }).map(([key, value]) => `${key} ${value}\n`);
  const head = `# .PCD v0.7 - Point Cloud Data file format\n${header.join("")}`;
  if (data === "ascii") return joined(head, rows.map((row) => `${row.map(spelt).join(" ")}\n`).join(""));
  const flat = counts.flatMap((count, f) => Array.from({ length: count }, () => kinds[f]));
  if (data === "binary") return joined(head, ...rows.flatMap((row) => row.map((value, c) => number(value, flat[c]))));
  const parts: Uint8Array[] = [];
  let first = 0;
  for (const [f, count] of counts.entries()) {
    for (const row of rows) parts.push(...row.slice(first, first + count).map((value) => number(value, kinds[f])));
    first += count;
  }
  const plain = joined(...parts);
  const packed = packLzf(plain);
  return joined(head, number(packed.length, "u4"), number(plain.length, "u4"), packed);
}

const spelt = (value: number): string => (Number.isNaN(value) ? "nan" : `${value}`);

/** LZF: literals, and copies where three bytes came before. */
export function packLzf(plain: Uint8Array): Uint8Array {
  const out: number[] = [];
  const seen = new Map<string, number>();
  let literal: number[] = [];
  const flush = (): void => {
    if (literal.length > 0) out.push(literal.length - 1, ...literal);
    literal = [];
  };
  for (let at = 0; at < plain.length; ) {
    const key = plain.subarray(at, at + 3).join();
    const before = seen.get(key);
    seen.set(key, at);
    if (before === undefined || at + 3 > plain.length || at - before > 8192) {
      literal.push(plain[at++]);
      if (literal.length === 32) flush();
      continue;
    }
    let length = 3;
    while (length < 264 && at + length < plain.length && plain[before + length] === plain[at + length]) length++;
    flush();
    const [back, more] = [at - before - 1, length - 2];
    out.push((Math.min(more, 7) << 5) | (back >> 8), ...(more >= 7 ? [more - 7] : []), back & 255);
    at += length;
  }
  flush();
  return Uint8Array.from(out);
}

/** An npy file of version 1. */
export function npy(rows: Rows, { kind = "f4" as Kind, little = true, fortran = false, header = "" } = {}): Uint8Array {
  const [n, width] = [rows.length, rows[0]?.length ?? 4];
  const dict = `{'descr': '${little ? "<" : ">"}${kind}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${n}, ${width}), }\n`;
  const head = header || dict;
  const values = fortran ? Array.from({ length: width }, (_, c) => rows.map((row) => row[c])).flat() : rows.flat();
  return joined(
    "\x93NUMPY\x01\x00",
    number(head.length, "u2"),
    head,
    ...values.map((each) => number(each, kind, little)),
  );
}

const PLY_NAMES: Readonly<Record<Kind, readonly string[]>> = {
  i1: ["char", "int8"],
  i2: ["short", "int16"],
  i4: ["int", "int32"],
  i8: [],
  u1: ["uchar", "uint8"],
  u2: ["ushort", "uint16"],
  u4: ["uint", "uint32"],
  u8: [],
  f4: ["float", "float32"],
  f8: ["double", "float64"],
};

export interface PlyOptions {
  readonly fields: readonly string[];
  readonly kinds: readonly Kind[];
  readonly format: "ascii" | "binary_little_endian" | "binary_big_endian";
  /** a list of so many numbers after each vertex's numbers, an element with a list before the vertices, and faces after them */
  readonly others?: boolean;
  /** the second name of each type */
  readonly modern?: boolean;
}

export function ply(rows: Rows, { fields, kinds, format, others = false, modern = false }: PlyOptions): Uint8Array {
  const properties = fields.map((name, f) => `property ${PLY_NAMES[kinds[f]][modern ? 1 : 0]} ${name}\n`).join("");
  const head =
    `ply\nformat ${format} 1.0\ncomment of a test\n${others ? "element camera 2\nproperty list uchar short view\nproperty double f\n" : ""}` +
    `element vertex ${rows.length}\n${properties}${others ? "property list uint float more\nelement face 1\nproperty list uchar int vertex_indices\n" : ""}` +
    "end_header\n";
  const little = format === "binary_little_endian";
  const one = (value: number, kind: Kind): Uint8Array | string =>
    format === "ascii" ? `${spelt(value)} ` : number(value, kind, little);
  const end = format === "ascii" ? "\n" : "";
  const cameras = [[7, 8], []].flatMap((view) => [
    one(view.length, "u1"),
    ...view.map((each) => one(each, "i2")),
    one(0.5, "f8"),
    end,
  ]);
  const vertices = rows.flatMap((row, r) => [
    ...row.map((value, c) => one(value, kinds[c])),
    ...(others ? [one(r % 3, "u4"), ...Array.from({ length: r % 3 }, () => one(9, "f4"))] : []),
    end,
  ]);
  const faces = [one(3, "u1"), one(0, "i4"), one(1, "i4"), one(2, "i4"), end];
  return joined(head, ...(others ? cameras : []), ...vertices, ...(others ? faces : []));
}
