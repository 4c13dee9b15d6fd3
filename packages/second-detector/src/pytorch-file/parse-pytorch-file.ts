import { type Fail, failer } from "./fail.js";
import { isCall, kindOf, type PickleValue } from "./pickle-value.js";
import { bytesPerNumber, type PytorchDtype, type Storage } from "./pytorch-tensor.js";
import { type StoredEntry, storedEntries } from "./stored-entries.js";
import { unpickle } from "./unpickle.js";

/** What the legacy format begins with, as a pickled whole number. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const MAGIC_BYTES = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
const LEGACY_PROTOCOL = 1001;
const ZIP = [0x50, 0x4b, 3, 4];

/** Whether bytes begin as a file of `torch.save` does. */
export function isPytorchFile(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 32);
  const has = (pattern: readonly number[], from: number) => pattern.every((byte, i) => head[from + i] === byte);
  return has(ZIP, 0) || (head[0] === 0x80 && head.some((_, from) => has(MAGIC_BYTES, from)));
}

/**
 * Reads a file of `torch.save` (`.pth`, `.pt`), in the zip format of PyTorch 1.6 and later or the legacy one before it. Nothing in
 * it is executed: it may hold numbers, texts, lists, dictionaries and tensors, and whatever else it names is an error. Tensors are
 * read when their `data` are asked for; what a file claims to hold is checked against its length before anything is allocated.
 * @param bytes the whole file; tensors refer to them
 * @param path  what error messages call it
 * @returns the value: dictionaries are maps, tuples and lists arrays, tensors `PytorchTensor`s of any layout
 * @throws Error with path and byte offset for a bad file, or one that wants to run code
 */
export function parsePytorchFile(bytes: Uint8Array, path = "file"): PickleValue {
  const fail = failer(path);
  const isZip = ZIP.every((byte, i) => bytes[i] === byte);
  return isZip ? parseZip(bytes, fail) : parseLegacy(bytes, fail);
}

function parseZip(bytes: Uint8Array, fail: Fail): PickleValue {
  const entries = storedEntries(bytes, fail);
  const name = [...entries.keys()].find((each) => /(^|\/)data\.pkl$/.test(each));
  if (name === undefined) return fail(0, "data.pkl in the zip file, as torch.save writes it", "none");
  const folder = name.slice(0, -"data.pkl".length);
  const order = entries.get(`${folder}byteorder`);
  if (order !== undefined && new TextDecoder().decode(order.bytes.subarray(0, 16)) !== "little") {
    fail(order.at, "little-endian numbers", "others");
  }
  const pickle = entries.get(name) as StoredEntry;
  const storages = new Map<string, Storage>();
  const { value } = unpickle(bytes, {
    from: pickle.at,
    to: pickle.at + pickle.bytes.length,
    fail,
    storage(id, failHere) {
      const { dtype, key, count } = storageId(id, failHere);
      const known = storages.get(key);
      if (known !== undefined) {
        return known.dtype === dtype && known.count === count
          ? known
          : failHere(`one type and size for storage ${key}`, "two");
      }
      const entry = entries.get(`${folder}data/${key}`);
      const size = count * bytesPerNumber(dtype);
      if (entry === undefined) return failHere(`${folder}data/${key} in the zip file`, "none");
      if (entry.bytes.length !== size) return failHere(`${size} bytes for storage ${key}`, `${entry.bytes.length}`);
      const storage: Storage = { dtype, count, bytes: () => entry.bytes };
      storages.set(key, storage);
      return storage;
    },
  });
  return value;
}

/** Five pickles (magic number, version, system, the value, keys of its storages), then each storage: its length and its numbers. */
function parseLegacy(bytes: Uint8Array, fail: Fail): PickleValue {
  let at = 0;
  const to = bytes.length;
  const next = (): PickleValue => {
    const { value, end } = unpickle(bytes, { from: at, to, fail });
    at = end;
    return value;
  };
  if (!isPytorchFile(bytes)) fail(0, "a file of torch.save (a zip file, or its magic number)", "something else");
  if (next() !== MAGIC) fail(0, "the magic number of torch.save", "another");
  const version = next();
  if (version !== LEGACY_PROTOCOL) fail(at, `version ${LEGACY_PROTOCOL} of the legacy format`, kindOf(version));
  const system = next();
  if (system instanceof Map && system.get("little_endian") === false) fail(at, "little-endian numbers", "others");
  const roots = new Map<string, { readonly dtype: PytorchDtype; readonly count: number; bytes?: Uint8Array }>();
  const { value, end } = unpickle(bytes, {
    from: at,
    to,
    fail,
    storage(id, failHere) {
      const { dtype, key, count, part } = storageId(id, failHere);
      const root = roots.get(key) ?? { dtype, count };
      if (root.dtype !== dtype || root.count !== count) failHere(`one type and size for storage ${key}`, "two");
      if (count * bytesPerNumber(dtype) > to) failHere(`storage ${key} within the file`, `${count} numbers`);
      roots.set(key, root);
      if (part === undefined) return { dtype, count, bytes: () => root.bytes as Uint8Array };
      const width = bytesPerNumber(dtype);
      const { offset, size } = part;
      if (offset + size > count) failHere(`a part within storage ${key}`, `${size} numbers from ${offset} on`);
      return {
        dtype,
        count: size,
        bytes: () => (root.bytes as Uint8Array).subarray(offset * width, (offset + size) * width),
      };
    },
  });
  at = end;
  const keys = next();
  if (!Array.isArray(keys)) return fail(at, "the keys of the storages", kindOf(keys));
  for (const key of keys) {
    const root = typeof key === "string" ? roots.get(key) : undefined;
    if (root === undefined || root.bytes !== undefined) return fail(at, "the key of each storage once", kindOf(key));
    if (at + 8 > to) fail(at, `the length of storage ${key}`, "the end of the file");
    const count = Number(new DataView(bytes.buffer, bytes.byteOffset + at, 8).getBigInt64(0, true));
    if (count !== root.count) fail(at, `${root.count} numbers in storage ${key}`, `${count}`);
    const size = count * bytesPerNumber(root.dtype);
    if (at + 8 + size > to) fail(at, `${size} bytes for storage ${key}`, `${to - at - 8} before the file's end`);
    root.bytes = bytes.subarray(at + 8, at + 8 + size);
    at += 8 + size;
  }
  for (const [key, root] of roots) if (root.bytes === undefined) fail(at, `numbers of storage ${key}`, "none");
  return value;
}

/** What a persistent id tells: `("storage", type, key, device, count)`, in the legacy format with a part of it. */
function storageId(id: PickleValue, fail: (expected: string, got: string) => never) {
  const [word, type, key, , count, part = null] = Array.isArray(id) ? id : [];
  if (word !== "storage" || !isCall(type) || type.dtype === undefined || typeof key !== "string" || !isCount(count)) {
    return fail("the id of a storage", kindOf(id));
  }
  if (part === null) return { dtype: type.dtype, key, count };
  const [, offset, size] = Array.isArray(part) ? part : [];
  if (!isCount(offset) || !isCount(size)) return fail("a part of a storage", kindOf(part));
  return { dtype: type.dtype, key, count, part: { offset, size } };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
