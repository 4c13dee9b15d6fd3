import { type CallContext, kindOf, type PickleCall, type PickleValue } from "./pickle-value.js";
import { PytorchTensor, STORAGE_TYPES, type Storage } from "./pytorch-tensor.js";

/** Every name that a pickle may import, with what it makes here. Nothing of Python stands behind them. */
export const harmlessGlobals: ReadonlyMap<string, PickleCall> = new Map(
  [
    { name: "collections.OrderedDict", call: orderedDict },
    { name: "torch._utils._rebuild_tensor_v2", call: rebuildTensor },
    { name: "torch._utils._rebuild_tensor", call: rebuildTensor },
    { name: "torch._utils._rebuild_parameter", call: rebuildParameter },
    { name: "torch.Size", call: size },
    { name: "_codecs.encode", call: encode },
    { name: "numpy.dtype", call: numpyType },
    { name: "numpy.core.multiarray.scalar", call: numpyScalar },
    { name: "numpy._core.multiarray.scalar", call: numpyScalar },
    ...[...STORAGE_TYPES].map(([name, dtype]): PickleCall => ({ name: `torch.${name}`, call: notCalled, dtype })),
  ].map((each) => [each.name, each]),
);

function notCalled(_: readonly PickleValue[], { fail }: CallContext): PickleValue {
  return fail("a storage by its key", "a call of its type");
}

function orderedDict(values: readonly PickleValue[], { spend, fail }: CallContext): PickleValue {
  const [pairs = []] = values;
  if (!Array.isArray(pairs)) return fail("pairs for a dictionary", kindOf(pairs));
  spend(pairs.length);
  const dictionary = new Map<PickleValue, PickleValue>();
  for (const pair of pairs as PickleValue[]) {
    if (!Array.isArray(pair) || pair.length !== 2) return fail("pairs for a dictionary", kindOf(pair));
    dictionary.set(pair[0], pair[1]);
  }
  return dictionary;
}

/** `(storage, offset, sizes, strides, ...)`; what follows is for gradients. */
function rebuildTensor(values: readonly PickleValue[], { spend, fail }: CallContext): PickleValue {
  const [storage, offset, shape, strides] = values;
  if (!isStorage(storage)) return fail("a storage for a tensor", kindOf(storage ?? null));
  if (!isCount(offset)) return fail("a place in the storage for a tensor", kindOf(offset ?? null));
  const sizes = (list: PickleValue) => {
    if (!Array.isArray(list)) return fail("sizes and strides for a tensor", kindOf(list ?? null));
    spend(list.length);
    return list.every(isCount) ? [...list] : fail("whole numbers for sizes and strides of a tensor", "others");
  };
  return PytorchTensor.over(storage, { offset, shape: sizes(shape), strides: sizes(strides) }, fail);
}

function rebuildParameter([tensor]: readonly PickleValue[], { fail }: CallContext): PickleValue {
  return tensor instanceof PytorchTensor ? tensor : fail("a tensor for a parameter", kindOf(tensor ?? null));
}

function size([sizes = []]: readonly PickleValue[], { fail }: CallContext): PickleValue {
  return Array.isArray(sizes) ? sizes : fail("a tuple for a size", kindOf(sizes));
}

/** Bytes as protocol 2 writes them: a text whose characters are bytes. */
function encode([text, encoding]: readonly PickleValue[], { spend, fail }: CallContext): PickleValue {
  if (typeof text !== "string" || encoding !== "latin1") return fail("a text in latin1", kindOf(encoding ?? null));
  spend(text.length);
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Types of numpy's numbers that a checkpoint may hold, such as a learning rate; a dictionary, so that it may be given attributes. */
function numpyType([type]: readonly PickleValue[], { fail }: CallContext): PickleValue {
  return typeof type === "string" ? new Map([["type", type]]) : fail("a name of a type of numpy", kindOf(type ?? null));
}

function numpyScalar([type, bytes]: readonly PickleValue[], { fail }: CallContext): PickleValue {
  const name = type instanceof Map ? type.get("type") : undefined;
  if (!(bytes instanceof Uint8Array) || bytes.length > 8)
    return fail("bytes of a number of numpy", kindOf(bytes ?? null));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const wanted = `${name}${bytes.length}`;
  if (wanted === "f88") return view.getFloat64(0, true);
  if (wanted === "f44") return view.getFloat32(0, true);
  if (wanted === "i88") return Number(view.getBigInt64(0, true));
  if (wanted === "i44") return view.getInt32(0, true);
  if (wanted === "b11") return view.getUint8(0) !== 0;
  return fail("a number of numpy (f8, f4, i8, i4, b1)", kindOf(name ?? null));
}

function isStorage(value: PickleValue | undefined): value is Storage {
  return typeof value === "object" && value !== null && "count" in value;
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
