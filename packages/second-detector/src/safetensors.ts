import { printable } from "checked-text";

/** How each element type is stored: bytes per element and the array that holds it. 16-bit floats stay as raw bits. */
const STORAGE = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U64: BigUint64Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

/** Element type of a stored tensor. */
export type SafetensorsDtype = keyof typeof STORAGE;

/** Array that holds a stored tensor's elements. */
export type SafetensorsData =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** One tensor of a file. */
export interface SafetensorsTensor {
  /** F16 and BF16 are raw bits in a Uint16Array, BOOL is 0 or 1 in a Uint8Array. */
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: SafetensorsData;
}

/** A tensor to store; without `dtype`, that of the array's own type. */
export interface SafetensorsInput {
  readonly dtype?: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly data: SafetensorsData;
}

/** Longest header that is read, as the reference implementation has it. */
const MAX_HEADER_BYTES = 100_000_000;
/** Bytes of the header's length. */
const PREFIX_BYTES = 8;
const METADATA = "__metadata__";

/**
 * Reads a `.safetensors` file. Strict: known element types, sizes that match shapes, and tensors that fill the data
 * section without gap, overlap or rest.
 * @param bytes the whole file; the arrays returned are copies
 * @param path what error messages call it
 * @returns tensors by name, in the order of their data
 * @throws TypeError if `bytes` is no Uint8Array; Error with path and byte offset for a bad file
 * @see https://github.com/huggingface/safetensors (format)
 */
export function parseSafetensors(bytes: Uint8Array, path = "safetensors"): Map<string, SafetensorsTensor> {
  const { entries, dataStart } = readHeader("parseSafetensors", bytes, path);
  const fail = failer("parseSafetensors", path);
  const tensors = new Map<string, SafetensorsTensor>();
  let position = 0;
  for (const { name, dtype, shape, from, to } of entries) {
    const at = dataStart + from;
    if (from !== position) fail(at, `tensor ${shown(name)} to begin at data offset ${position}`, `${from}`);
    const size = shape.reduce((product, n) => product * n, 1) * STORAGE[dtype].BYTES_PER_ELEMENT;
    if (to - from !== size)
      fail(at, `${size} bytes for ${shown(name)} (${dtype} [${shape.join(", ")}])`, `${to - from}`);
    if (dataStart + to > bytes.length) {
      fail(at, `${to - from} bytes for ${shown(name)}`, `${bytes.length - at} before the end of the file`);
    }
    tensors.set(name, { dtype, shape, data: copyData(bytes, dtype, { from: at, to: dataStart + to }) });
    position = to;
  }
  if (dataStart + position !== bytes.length) {
    fail(dataStart + position, "the end of the file", `${bytes.length - dataStart - position} more bytes`);
  }
  return tensors;
}

/**
 * The free texts (`__metadata__`) of a `.safetensors` file; only the header is read.
 * @throws as {@link parseSafetensors}
 */
export function parseSafetensorsMetadata(bytes: Uint8Array, path = "safetensors"): Map<string, string> {
  return readHeader("parseSafetensorsMetadata", bytes, path).metadata;
}

/**
 * Writes a `.safetensors` file. The same tensors and texts give the same bytes, whatever their order: tensors lie by
 * element size (largest first, so that each is aligned), then by name; texts by name.
 * @param tensors by name
 * @throws RangeError for a name that the format reserves, a shape that does not match its data, or a type that does not
 *   match its array
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, SafetensorsInput>,
  { metadata }: { readonly metadata?: ReadonlyMap<string, string> } = {},
): Uint8Array {
  const items = [...tensors].map(([name, tensor]) => ({ name, ...tensor, dtype: checkedDtype(name, tensor) }));
  items.sort((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || compareNames(a.name, b.name));
  const parts: string[] = [];
  if (metadata !== undefined && metadata.size > 0) {
    const texts = [...metadata].sort(([a], [b]) => compareNames(a, b));
    parts.push(`"${METADATA}":{${texts.map(([key, text]) => `${quote(key)}:${quote(text)}`).join(",")}}`);
  }
  let dataBytes = 0;
  for (const { name, dtype, shape, data } of items) {
    const to = dataBytes + data.byteLength;
    parts.push(`${quote(name)}:{"dtype":"${dtype}","shape":[${shape.join(",")}],"data_offsets":[${dataBytes},${to}]}`);
    dataBytes = to;
  }
  const header = new TextEncoder().encode(`{${parts.join(",")}}`);
  const padded = Math.ceil(header.length / 8) * 8;
  const file = new Uint8Array(PREFIX_BYTES + padded + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.fill(0x20, PREFIX_BYTES, PREFIX_BYTES + padded);
  file.set(header, PREFIX_BYTES);
  let at = PREFIX_BYTES + padded;
  for (const { data } of items) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/**
 * The tensors of a file that may hold nothing but float32, such as weights or optimiser state.
 * @throws RangeError that names the first tensor of another type
 */
export function float32Arrays(
  tensors: ReadonlyMap<string, SafetensorsTensor>,
): Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }> {
  const arrays = new Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>();
  for (const [name, { dtype, shape, data }] of tensors) {
    if (!(data instanceof Float32Array)) {
      throw new RangeError(`float32Arrays: expected F32 for ${shown(name)}, got ${dtype}`);
    }
    arrays.set(name, { shape, data });
  }
  return arrays;
}

interface Entry {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** Bytes from the start of the data section. */
  readonly from: number;
  readonly to: number;
}

function readHeader(caller: string, bytes: Uint8Array, path: string) {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`${caller}: expected a Uint8Array for bytes, got ${Object.prototype.toString.call(bytes)}`);
  }
  const fail = failer(caller, path);
  if (bytes.length < PREFIX_BYTES) fail(0, `${PREFIX_BYTES} bytes of header length`, `${bytes.length} bytes`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getBigUint64(0, true);
  const most = Math.min(MAX_HEADER_BYTES, bytes.length - PREFIX_BYTES);
  if (length > BigInt(most)) fail(0, `a header of at most ${most} bytes`, `${length}`);
  const dataStart = PREFIX_BYTES + Number(length);
  const metadata = new Map<string, string>();
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(parseHeaderText(bytes.subarray(PREFIX_BYTES, dataStart), fail))) {
    if (name === METADATA) {
      if (!isRecord(value)) fail(PREFIX_BYTES, `an object for ${METADATA}`, shown(value));
      for (const [key, text] of Object.entries(value as object)) {
        if (typeof text !== "string") fail(PREFIX_BYTES, `a string for ${METADATA} ${shown(key)}`, shown(text));
        metadata.set(key, text);
      }
    } else entries.push(checkedEntry(name, value, fail));
  }
  entries.sort((a, b) => a.from - b.from || a.to - b.to);
  return { entries, metadata, dataStart };
}

function parseHeaderText(header: Uint8Array, fail: Fail): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(header));
  } catch (error) {
    fail(PREFIX_BYTES, `${header.length} bytes of JSON in UTF-8`, error instanceof Error ? error.message : "", error);
  }
  if (!isRecord(value)) fail(PREFIX_BYTES, "a JSON object as header", shown(value));
  return value as Record<string, unknown>;
}

function checkedEntry(name: string, value: unknown, fail: Fail): Entry {
  const { dtype, shape, data_offsets: offsets } = isRecord(value) ? value : {};
  if (typeof dtype !== "string" || !Object.hasOwn(STORAGE, dtype)) {
    fail(PREFIX_BYTES, `one of ${Object.keys(STORAGE).join(", ")} for dtype of ${shown(name)}`, shown(dtype));
  }
  if (!isSizes(shape)) fail(PREFIX_BYTES, `a list of sizes for shape of ${shown(name)}`, shown(shape));
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    fail(PREFIX_BYTES, `[begin, end] for data_offsets of ${shown(name)}`, shown(offsets));
  }
  const [from, to] = offsets as number[];
  return { name, dtype: dtype as SafetensorsDtype, shape: shape as number[], from, to };
}

function checkedDtype(name: string, { dtype, shape, data }: SafetensorsInput): SafetensorsDtype {
  if (name === METADATA)
    throw new RangeError(`encodeSafetensors: expected a tensor name other than ${METADATA}, got it`);
  const own = (Object.keys(STORAGE) as SafetensorsDtype[]).find((key) => data instanceof STORAGE[key]);
  const chosen = dtype ?? (own === "F16" ? "U16" : own);
  if (chosen === undefined || !(data instanceof STORAGE[chosen])) {
    const kind = Object.prototype.toString.call(data);
    throw new RangeError(
      `encodeSafetensors: expected an array for ${chosen ?? "a stored type"} in ${shown(name)}, got ${kind}`,
    );
  }
  const size = shape.reduce((product, n) => product * n, 1);
  if (!isSizes(shape) || size !== data.length) {
    const text = shape.join(", ");
    throw new RangeError(
      `encodeSafetensors: expected ${size} elements for ${shown(name)} [${text}], got ${data.length}`,
    );
  }
  return chosen;
}

/** Little endian, like the file, on every machine that Node runs on. Not `slice`: that of a Buffer does not copy. */
function copyData(bytes: Uint8Array, dtype: SafetensorsDtype, { from, to }: { from: number; to: number }) {
  const body = new Uint8Array(to - from);
  body.set(bytes.subarray(from, to));
  return new STORAGE[dtype](body.buffer, 0, body.length / STORAGE[dtype].BYTES_PER_ELEMENT);
}

type Fail = (at: number, expected: string, got: string, cause?: unknown) => never;

function failer(caller: string, path: string): Fail {
  return (at, expected, got, cause) => {
    const options = cause === undefined ? undefined : { cause };
    throw new Error(printable(`${caller}: ${path}: byte ${at}: expected ${expected}, got ${got}`), options);
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function quote(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}

/** A value for an error message. */
function shown(value: unknown): string {
  const text = quote(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
