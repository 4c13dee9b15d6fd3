import { closeSync, existsSync, fstatSync, openSync, readSync, truncateSync, writeSync } from "node:fs";
import { cannotWrite } from "../system/atomic-write.js";
import { crc32c } from "./crc32c.js";

// TensorBoard's event files: records of a length, a protobuf message `Event`, and checksums of both, as
// tensorboard/compat/proto/{event,summary,tensor}.proto have them. Only the few fields that are written are known here.

/** A value of one step, as TensorBoard shows it. */
export type EventValue =
  | { readonly kind: "scalar"; readonly tag: string; readonly value: number }
  /** shown as a distribution: its smallest and largest number, and how many lie where */
  | { readonly kind: "histogram"; readonly tag: string; readonly values: readonly number[] }
  | {
      readonly kind: "image";
      readonly tag: string;
      readonly width: number;
      readonly height: number;
      readonly png: Uint8Array;
    }
  /** Markdown */
  | { readonly kind: "text"; readonly tag: string; readonly text: string };

/** An event file that is being written. */
export interface EventFile {
  /** whether it had events before */
  readonly continued: boolean;
  /** adds the values of a step, whole or not at all */
  add(step: number, values: readonly EventValue[]): void;
  /** Whoever reads the file forgets what it has of this step and later ones: they are made again. */
  restartAt(step: number): void;
}

/**
 * Opens an event file, or begins one. A last record without its end, as a killed process leaves it, is taken off.
 * @param path with `tfevents` in its name, or TensorBoard does not find it
 * @param now seconds since 1970, for the time axis
 * @throws Error naming the file
 */
export function openEventFile(path: string, now: () => number = () => Date.now() / 1000): EventFile {
  const kept = existsSync(path) ? wholeRecords(path) : 0;
  const write = (step: number, content: Uint8Array) => append(path, record(event(now(), step, content)));
  if (existsSync(path)) truncateSync(path, kept);
  if (kept === 0) write(0, text(3, "brain.Event:2"));
  return {
    continued: kept > 0,
    add: (step, values) => write(step, message(5, ...values.map((value) => message(1, ...summaryValue(value))))),
    restartAt: (step) => write(step, message(7, varint(1, 1))),
  };
}

/** Bytes of a record before its message. */
const HEAD = 12;

/** Bytes of the records at a file's beginning that are whole. */
function wholeRecords(path: string): number {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const head = Buffer.alloc(HEAD);
    let at = 0;
    while (readSync(file, head, 0, HEAD, at) === HEAD && head.readUInt32LE(8) === masked(head.subarray(0, 8))) {
      const end = at + HEAD + Number(head.readBigUInt64LE()) + 4;
      if (end > size) break;
      at = end;
    }
    return at;
  } finally {
    closeSync(file);
  }
}

function append(path: string, bytes: Uint8Array): void {
  const file = openSync(path, "a");
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
  } catch (cause) {
    throw cannotWrite(path, cause);
  } finally {
    closeSync(file);
  }
}

/** A message with its length and the checksums of both. */
function record(content: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(HEAD + content.length + 4);
  bytes.writeBigUInt64LE(BigInt(content.length));
  bytes.writeUInt32LE(masked(bytes.subarray(0, 8)), 8);
  bytes.set(content, HEAD);
  bytes.writeUInt32LE(masked(content), HEAD + content.length);
  return bytes;
}

/** The checksum as records have it: turned, so that one of bytes that hold checksums is no weaker. */
function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function event(time: number, step: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([float64(1, time), varint(2, step), content]);
}

function summaryValue(value: EventValue): Uint8Array[] {
  const tag = text(1, value.tag);
  switch (value.kind) {
    case "scalar":
      return [tag, float32(2, value.value)];
    case "image": {
      const rgb = 3;
      return [tag, message(4, varint(1, value.height), varint(2, value.width), varint(3, rgb), bytes(4, value.png))];
    }
    case "histogram":
      return [tag, message(5, ...histogram(value.values))];
    case "text": {
      const stringTensor = [varint(1, 7), message(2), text(8, value.text)];
      return [tag, message(8, ...stringTensor), message(9, message(1, text(1, "text")))];
    }
  }
}

/** Intervals of a histogram. */
const INTERVALS = 30;

function histogram(values: readonly number[]): Uint8Array[] {
  // Not Math.min(...values): a call takes some hundred thousand arguments at most, and an epoch may have more steps.
  const [least, greatest] = [Math.min, Math.max].map((of) => values.reduce((a, b) => of(a, b)));
  const width = (greatest - least) / INTERVALS || Number.EPSILON * Math.max(1, Math.abs(least));
  const counts = new Float64Array(INTERVALS);
  for (const value of values) counts[Math.min(INTERVALS - 1, Math.floor((value - least) / width))] += 1;
  const limits = Float64Array.from(counts, (_, i) => (i === INTERVALS - 1 ? greatest : least + (i + 1) * width));
  const sum = values.reduce((total, value) => total + value, 0);
  const squares = values.reduce((total, value) => total + value * value, 0);
  return [
    ...[least, greatest, values.length, sum, squares].map((number, i) => float64(1 + i, number)),
    bytes(6, new Uint8Array(limits.buffer)), // packed; little-endian, as every processor that Node runs on
    bytes(7, new Uint8Array(counts.buffer)),
  ];
}

// Fields of protobuf messages: the field's number and kind, then its value.

function varint(field: number, value: number): Uint8Array {
  return Buffer.from([...digits(field * 8), ...digits(value)]);
}

function float64(field: number, value: number): Uint8Array {
  const number = Buffer.alloc(8);
  number.writeDoubleLE(value);
  return Buffer.concat([Buffer.from([...digits(field * 8 + 1)]), number]);
}

function float32(field: number, value: number): Uint8Array {
  const number = Buffer.alloc(4);
  number.writeFloatLE(value);
  return Buffer.concat([Buffer.from([...digits(field * 8 + 5)]), number]);
}

function bytes(field: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([...digits(field * 8 + 2), ...digits(value.length)]), value]);
}

function text(field: number, value: string): Uint8Array {
  return bytes(field, Buffer.from(value, "utf8"));
}

function message(field: number, ...fields: readonly Uint8Array[]): Uint8Array {
  return bytes(field, Buffer.concat(fields));
}

/** A whole number, seven bits a byte, the lowest first. */
function* digits(value: number): Generator<number> {
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return yield rest;
    yield 128 + (rest % 128);
  }
}
