/** How each type of number is stored. */
const NUMBERS = {
  float64: Float64Array,
  float32: Float32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

/** Type of the numbers of a tensor in a file. */
export type PytorchDtype = keyof typeof NUMBERS;

/** `torch.FloatStorage` and its kin, by their names. */
export const STORAGE_TYPES: ReadonlyMap<string, PytorchDtype> = new Map([
  ["DoubleStorage", "float64"],
  ["FloatStorage", "float32"],
  ["HalfStorage", "float16"],
  ["BFloat16Storage", "bfloat16"],
  ["LongStorage", "int64"],
  ["IntStorage", "int32"],
  ["ShortStorage", "int16"],
  ["CharStorage", "int8"],
  ["ByteStorage", "uint8"],
  ["BoolStorage", "bool"],
]);

/** Numbers that tensors share, one after the other. */
export interface Storage {
  readonly dtype: PytorchDtype;
  readonly count: number;
  /** Their bytes, once it is known where they are. */
  readonly bytes: () => Uint8Array;
}

export function bytesPerNumber(dtype: PytorchDtype): number {
  return NUMBERS[dtype].BYTES_PER_ELEMENT;
}

/** A view of a storage. */
interface View {
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

const MAX_AXES = 32;

/** A tensor of a file: any view of its storage. */
export class PytorchTensor {
  readonly dtype: PytorchDtype;
  readonly shape: readonly number[];
  readonly #storage: Storage;
  readonly #view: View;

  private constructor(storage: Storage, view: View) {
    this.dtype = storage.dtype;
    this.shape = view.shape;
    this.#storage = storage;
    this.#view = view;
  }

  /** The tensor of a view, which has to lie within its storage. No number is read yet. */
  static over(
    storage: Storage,
    { offset, shape, strides }: View,
    fail: (expected: string, got: string) => never,
  ): PytorchTensor {
    if (shape.length > MAX_AXES || strides.length !== shape.length) {
      fail(`as many strides as sizes, ${MAX_AXES} at most`, `${shape.length} sizes and ${strides.length} strides`);
    }
    const size = shape.reduce((product, n) => product * n, 1);
    const last = shape.reduce((index, n, axis) => index + (n - 1) * strides[axis], offset);
    if (size !== 0 && !(last < storage.count && size <= storage.count)) {
      const view = `[${shape.join(", ")}] with strides [${strides.join(", ")}] from ${offset} on`;
      fail(`a tensor within the ${storage.count} numbers of its storage, each of them once`, view);
    }
    return new PytorchTensor(storage, { offset, shape, strides });
  }

  /**
   * Its numbers, row-major, read anew at each call: a Float32Array for every kind of float (float64 is rounded), else an array of
   * their own type.
   */
  get data(): Float32Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array {
    const { offset, shape, strides } = this.#view;
    const size = shape.reduce((product, n) => product * n, 1);
    const span = size === 0 ? 0 : shape.reduce((index, n, axis) => index + (n - 1) * strides[axis], 1);
    const width = bytesPerNumber(this.dtype);
    const copy = new Uint8Array(span * width); // aligned, whatever the place in the file
    copy.set(this.#storage.bytes().subarray(offset * width, (offset + span) * width));
    const stored = new NUMBERS[this.dtype](copy.buffer);
    if (this.dtype === "float16" || this.dtype === "bfloat16") {
      const decode = this.dtype === "float16" ? fromFloat16 : fromBfloat16;
      return rowMajor(Float32Array.from(stored as Uint16Array, decode), this.#view, Float32Array) as Float32Array;
    }
    const type = this.dtype === "float64" ? Float32Array : NUMBERS[this.dtype];
    return rowMajor(stored as Float32Array, this.#view, type as Float32ArrayConstructor);
  }
}

/** The numbers of a view that begins with the first of `stored`. */
function rowMajor(stored: Float32Array, { shape, strides }: View, Type: Float32ArrayConstructor): Float32Array {
  const numbers = new Type(shape.reduce((product, n) => product * n, 1));
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < numbers.length; to++) {
    numbers[to] = stored[from];
    for (let axis = index.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return numbers;
}

/** One sign, five bits of exponent, ten of fraction; below 2^-14 without the leading one. */
function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const WORD = new DataView(new ArrayBuffer(4));
/** The upper half of a float32. */
function fromBfloat16(bits: number): number {
  WORD.setUint16(0, bits);
  return WORD.getFloat32(0);
}
