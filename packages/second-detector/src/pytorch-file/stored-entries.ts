import type { Fail } from "./fail.js";

// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const END_BYTES = 22;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
const MAX_COMMENT = 0xffff;
const ZIP64_FIELD = 1;
const ENCRYPTED = 1;
/** Far more than a network has tensors. */
const MAX_ENTRIES = 100_000;

/** The bytes of a file inside of a zip file. */
export interface StoredEntry {
  /** where they begin in the zip file */
  readonly at: number;
  /** a view, no copy */
  readonly bytes: Uint8Array;
}

/**
 * The files in a zip file that compresses none, as PyTorch writes it. No byte is copied or unpacked, so none takes memory; a
 * compressed entry is refused.
 */
export function storedEntries(bytes: Uint8Array, fail: Fail): Map<string, StoredEntry> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { count, directory, directoryEnd } = findDirectory(view, fail);
  const entries = new Map<string, StoredEntry>();
  let at = directory;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_BYTES > directoryEnd || view.getUint32(at, true) !== CENTRAL) {
      fail(at, `entry ${i} of ${count} of the zip file's directory`, "something else");
    }
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + CENTRAL_BYTES + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > directoryEnd) fail(at, "an entry within the zip file's directory", "one that goes beyond it");
    const name = decode(bytes.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameLength));
    if (entries.has(name)) fail(at, "every name in the zip file once", `${JSON.stringify(name)} twice`);
    const method = view.getUint16(at + 10, true);
    if (method !== 0 || (view.getUint16(at + 8, true) & ENCRYPTED) !== 0) {
      fail(
        at,
        `${JSON.stringify(name)} stored as it is, as PyTorch does`,
        `compressed or encrypted (method ${method})`,
      );
    }
    const { size, stored, local } = sizesOf(view, at, at + CENTRAL_BYTES + nameLength, extraLength, fail);
    if (size !== stored) fail(at, `${size} stored bytes for ${JSON.stringify(name)}`, `${stored}`);
    entries.set(name, entryAt(bytes, view, { name, local, size }, fail));
    at = next;
  }
  return entries;
}

function findDirectory(view: DataView, fail: Fail) {
  const earliest = Math.max(0, view.byteLength - END_BYTES - MAX_COMMENT);
  let end = view.byteLength - END_BYTES;
  while (end >= earliest && view.getUint32(end, true) !== END) end--;
  if (end < earliest) fail(view.byteLength, "the end of a zip file's directory", "none: the file may be cut off");
  let [count, size, directory] = [
    view.getUint16(end + 10, true),
    view.getUint32(end + 12, true),
    view.getUint32(end + 16, true),
  ];
  const locator = end - 20;
  if (locator >= 0 && view.getUint32(locator, true) === LOCATOR_64) {
    const at = wide(view, locator + 8);
    if (!(at + 56 <= view.byteLength) || view.getUint32(at, true) !== END_64) {
      fail(locator, "the place of the zip64 directory's end", `${at}`);
    }
    [count, size, directory] = [wide(view, at + 32), wide(view, at + 40), wide(view, at + 48)];
  }
  if (count > MAX_ENTRIES) fail(end, `at most ${MAX_ENTRIES} entries in the zip file`, `${count}`);
  if (!(directory + size <= end)) fail(end, "a directory before its end", `byte ${directory} to ${directory + size}`);
  return { count, directory, directoryEnd: directory + size };
}

/** Sizes and place of an entry; those that need 64 bits are in an extra field, in this order. */
function sizesOf(view: DataView, at: number, extra: number, extraLength: number, fail: Fail) {
  const sizes = [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)];
  const end = extra + extraLength;
  for (let field = extra; field + 4 <= end; ) {
    const fieldEnd = field + 4 + view.getUint16(field + 2, true);
    if (fieldEnd > end) fail(field, "an extra field within its entry", "one that goes beyond it");
    if (view.getUint16(field, true) === ZIP64_FIELD) {
      let value = field + 4;
      for (let i = 0; i < sizes.length; i++) {
        if (sizes[i] !== 0xffffffff || value + 8 > fieldEnd) continue;
        sizes[i] = wide(view, value);
        value += 8;
      }
    }
    field = fieldEnd;
  }
  const [size, stored, local] = sizes;
  return { size, stored, local };
}

function entryAt(
  bytes: Uint8Array,
  view: DataView,
  { name, local, size }: { readonly name: string; readonly local: number; readonly size: number },
  fail: Fail,
): StoredEntry {
  if (!(local + LOCAL_BYTES <= bytes.length) || view.getUint32(local, true) !== LOCAL) {
    fail(Math.min(local, bytes.length), `the header of ${JSON.stringify(name)}`, "something else");
  }
  const nameLength = view.getUint16(local + 26, true);
  const at = local + LOCAL_BYTES + nameLength + view.getUint16(local + 28, true);
  if (at + size > bytes.length) {
    fail(local, `${size} bytes for ${JSON.stringify(name)}`, `${Math.max(0, bytes.length - at)} before the file's end`);
  }
  return { at, bytes: bytes.subarray(at, at + size) };
}

/** A number of 64 bits; beyond 2^53 no longer exact, but then it is beyond every file. */
function wide(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
