import type { Fail } from "./fail.js";
import { harmlessGlobals } from "./harmless-globals.js";
import { isCall, kindOf, type PickleCall, type PickleValue, short } from "./pickle-value.js";
import type { Storage } from "./pytorch-tensor.js";

/** Operations of a pickle at most, and values at most that its calls copy: a checkpoint of a hundred million weights has 10 000. */
const MOST_WORK = 1_000_000;
/** Marks that are open at once: the depth of nesting of what is being built. */
const MOST_MARKS = 200;
/** Bytes of a pickle at most: that of a checkpoint of a hundred million weights has under one million. */
const MOST_BYTES = 2 ** 25;
/** Bytes of a whole number at most: the longest that PyTorch writes has ten. */
const MOST_INTEGER_BYTES = 16;
const KNOWN = "numbers, strings, dictionaries and tensors";

/** Where a pickle lies. */
export interface PickleOptions {
  /** of the pickle in `bytes` */
  readonly from: number;
  readonly to: number;
  readonly fail: Fail;
  /** A storage by its persistent id, `undefined` if it is none. */
  readonly storage?: (id: PickleValue, fail: (expected: string, got: string) => never) => Storage;
}

/**
 * Reads a pickle without executing anything: a machine with a stack that knows the operations which numbers, texts, lists,
 * dictionaries and tensors take. Whatever else a pickle asks for, to import, to call or to build, is an error that names it.
 * @returns the value, and where the pickle ends
 */
export function unpickle(
  bytes: Uint8Array,
  options: PickleOptions,
): { readonly value: PickleValue; readonly end: number } {
  const { from, fail } = options;
  const to = Math.min(options.to, from + MOST_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: PickleValue[] = [];
  /** heights of the stack at the open marks */
  const marks: number[] = [];
  const memo = new Map<number, PickleValue>();
  let at = from;
  let operation = from;
  let work = 0;
  const failHere = (expected: string, got: string): never => fail(operation, expected, got);
  const spend = (units: number) => {
    work += units;
    if (work > MOST_WORK) failHere(`a pickle of at most ${MOST_WORK} operations`, "more");
  };
  const take = (length: number): number => {
    if (!(length <= to - at)) failHere(`${length} more bytes of the pickle`, `${to - at}`);
    const start = at;
    at += length;
    return start;
  };
  const pop = (): PickleValue => {
    if (stack.length <= (marks.at(-1) ?? 0)) failHere("a value on the pickle's stack", "none");
    return stack.pop() as PickleValue;
  };
  const peek = (): PickleValue => {
    if (stack.length <= (marks.at(-1) ?? 0)) failHere("a value on the pickle's stack", "none");
    return stack[stack.length - 1];
  };
  const popToMark = (): PickleValue[] => {
    const mark = marks.pop();
    if (mark === undefined) return failHere("a mark on the pickle's stack", "none");
    return stack.splice(mark);
  };
  const text = (length: number): string => {
    const start = take(length);
    return new TextDecoder().decode(bytes.subarray(start, start + length));
  };
  const raw = (length: number): Uint8Array => {
    const start = take(length);
    return Uint8Array.from(bytes.subarray(start, start + length));
  };
  const line = (): string => {
    const end = bytes.subarray(0, to).indexOf(10, at);
    if (end < 0) failHere("a line of the pickle", "its end");
    const words = text(end - at);
    at++;
    return words;
  };
  const uint8 = () => view.getUint8(take(1));
  const uint32 = () => view.getUint32(take(4), true);
  const uint64 = () => Number(view.getBigUint64(take(8), true));
  const integer = (length: number): number | bigint => {
    if (length > MOST_INTEGER_BYTES) failHere(`a whole number of at most ${MOST_INTEGER_BYTES} bytes`, `${length}`);
    const start = take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[start + i]);
    value = BigInt.asIntN(8 * length, value);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  };
  const recall = (key: number) => {
    const value = memo.get(key);
    if (value === undefined) return failHere("a value that the pickle has kept", `number ${key}`);
    return value;
  };
  const list = (): PickleValue[] => {
    const target = peek();
    return Array.isArray(target) ? target : failHere("a list to add to", kindOf(target));
  };
  const dictionary = (): Map<PickleValue, PickleValue> => {
    const target = peek();
    return target instanceof Map ? target : failHere("a dictionary to add to", kindOf(target));
  };
  const setPairs = (values: PickleValue[]) => {
    const target = dictionary();
    if (values.length % 2 !== 0) failHere("a value for each key", "a key alone");
    for (let i = 0; i < values.length; i += 2) target.set(values[i], values[i + 1]);
  };
  const global = (module: string, name: string): PickleCall => {
    const known = harmlessGlobals.get(`${module}.${name}`);
    if (known !== undefined) return known;
    return failHere(KNOWN, `a call of ${short(`${module}.${name}`)}: this file wants to run code`);
  };
  const pushed = (value: PickleValue) => {
    stack.push(value);
  };
  const tuple = (length: number) => {
    const values: PickleValue[] = [];
    for (let i = 0; i < length; i++) values.unshift(pop());
    stack.push(values);
  };

  for (;;) {
    operation = at;
    const code = uint8();
    spend(1);
    switch (code) {
      case 0x80: // PROTO
        if (uint8() > 5) failHere("a pickle of protocol 5 or older", `protocol ${bytes[at - 1]}`);
        break;
      case 0x95: // FRAME: only tells how many bytes follow
        take(8);
        break;
      case 0x2e: // STOP
        return { value: pop(), end: at };
      case 0x28: // MARK
        if (marks.push(stack.length) > MOST_MARKS) failHere(`nesting of at most ${MOST_MARKS}`, "deeper");
        break;
      case 0x30: // POP
        pop();
        break;
      case 0x31: // POP_MARK
        popToMark();
        break;
      case 0x32: // DUP
        pushed(peek());
        break;
      case 0x4e: // NONE
        pushed(null);
        break;
      case 0x88: // NEWTRUE
        pushed(true);
        break;
      case 0x89: // NEWFALSE
        pushed(false);
        break;
      case 0x4a: // BININT
        pushed(view.getInt32(take(4), true));
        break;
      case 0x4b: // BININT1
        pushed(uint8());
        break;
      case 0x4d: // BININT2
        pushed(view.getUint16(take(2), true));
        break;
      case 0x8a: // LONG1
        pushed(integer(uint8()));
        break;
      case 0x8b: // LONG4
        pushed(integer(uint32()));
        break;
      case 0x47: // BINFLOAT
        pushed(view.getFloat64(take(8)));
        break;
      case 0x58: // BINUNICODE
      case 0x54: // BINSTRING
        pushed(text(uint32()));
        break;
      case 0x8c: // SHORT_BINUNICODE
      case 0x55: // SHORT_BINSTRING
        pushed(text(uint8()));
        break;
      case 0x8d: // BINUNICODE8
        pushed(text(uint64()));
        break;
      case 0x43: // SHORT_BINBYTES
        pushed(raw(uint8()));
        break;
      case 0x42: // BINBYTES
        pushed(raw(uint32()));
        break;
      case 0x8e: // BINBYTES8
        pushed(raw(uint64()));
        break;
      case 0x29: // EMPTY_TUPLE
      case 0x5d: // EMPTY_LIST
        pushed([]);
        break;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        tuple(code - 0x84);
        break;
      case 0x74: // TUPLE
      case 0x6c: // LIST
        pushed(popToMark());
        break;
      case 0x61: {
        // APPEND
        const value = pop();
        list().push(value);
        break;
      }
      case 0x65: {
        // APPENDS
        const values = popToMark();
        const target = list();
        for (const value of values) target.push(value);
        break;
      }
      case 0x7d: // EMPTY_DICT
        pushed(new Map());
        break;
      case 0x64: {
        // DICT
        const values = popToMark();
        pushed(new Map());
        setPairs(values);
        break;
      }
      case 0x73: {
        // SETITEM
        const value = pop();
        setPairs([pop(), value]);
        break;
      }
      case 0x75: // SETITEMS
        setPairs(popToMark());
        break;
      case 0x71: // BINPUT
        memo.set(uint8(), peek());
        break;
      case 0x72: // LONG_BINPUT
        memo.set(uint32(), peek());
        break;
      case 0x94: // MEMOIZE
        memo.set(memo.size, peek());
        break;
      case 0x68: // BINGET
        pushed(recall(uint8()));
        break;
      case 0x6a: // LONG_BINGET
        pushed(recall(uint32()));
        break;
      case 0x63: {
        // GLOBAL
        const module = line();
        pushed(global(module, line()));
        break;
      }
      case 0x93: {
        // STACK_GLOBAL
        const [name, module] = [pop(), pop()];
        pushed(global(String(module), String(name)));
        break;
      }
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const [values, called] = [pop(), pop()];
        if (!isCall(called) || !Array.isArray(values)) {
          failHere("a call of what the pickle has named", `${kindOf(called)} with ${kindOf(values)}`);
        }
        pushed((called as PickleCall).call(values as PickleValue[], { spend, fail: failHere }));
        break;
      }
      case 0x62: {
        // BUILD: attributes of what was built. A dictionary's are left aside; nothing else has any that counts.
        pop();
        const built = peek();
        if (!(built instanceof Map)) failHere(KNOWN, `attributes for ${kindOf(built)}`);
        break;
      }
      case 0x51: {
        // BINPERSID
        const id = pop();
        if (options.storage === undefined) return failHere(KNOWN, "a reference to something outside of the pickle");
        pushed(options.storage(id, failHere));
        break;
      }
      default:
        failHere(KNOWN, `the pickle's operation 0x${code.toString(16).padStart(2, "0")}`);
    }
  }
}
