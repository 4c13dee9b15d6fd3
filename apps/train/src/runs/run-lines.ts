import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { checkAs, parseJson } from "checked-text";
import { z } from "zod";
import { cannotWrite } from "../system/atomic-write.js";

/** What every line of `metrics.jsonl` and `validation.jsonl` has: the optimiser steps that had been taken. */
const anyLine = z.looseObject({ step: z.int().min(0) });

/** A number of a line; JSON has none that is not finite, so those are texts. */
export const writtenNumber = z.union(
  [z.number(), z.enum(["NaN", "Infinity", "-Infinity"]).transform((text) => Number(text))],
  { error: "expected a number" },
);

/**
 * Adds a line to `metrics.jsonl` or `validation.jsonl`, whole or not at all.
 * @throws Error naming the file, and what to do about a full disk
 */
export function appendLine(path: string, line: { readonly step: number } & Readonly<Record<string, unknown>>): void {
  const text = JSON.stringify(line, (_, value) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
  try {
    appendWhole(path, Buffer.from(`${text}\n`));
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

function appendWhole(path: string, bytes: Uint8Array): void {
  const file = openSync(path, "a");
  const { size } = fstatSync(file);
  let done = 0;
  try {
    while (done < bytes.length) done += writeSync(file, bytes, done);
  } catch (error) {
    if (done > 0) ftruncateSync(file, size);
    throw error;
  } finally {
    closeSync(file);
  }
}

/**
 * The lines of such a file; none if it is not there. A last line without its end, as of a run that is going on or has
 * crashed, is left out.
 * @throws Error naming file, line and field if one is not as the schema has it
 */
export function* readLines<T>(path: string, schema: z.ZodType<T>): Generator<T, void> {
  let number = 0;
  for (const { text } of wholeLines(path)) {
    number += 1;
    yield checkAs(parseJson(text, `${path}:${number}`), schema, `${path}:${number}`);
  }
}

/**
 * The last whole line of such a file, undefined without one. Reads no other.
 * @throws Error naming file and field if it is not as the schema has it
 */
export function readLastLine<T>(path: string, schema: z.ZodType<T>): T | undefined {
  const text = lastLine(path);
  const where = `${path}: the last line`;
  return text === undefined ? undefined : checkAs(parseJson(text, where), schema, where);
}

/** The step of each line. @throws Error naming file, line and field of a faulty one */
export function readStepNumbers(path: string): number[] {
  return Array.from(readLines(path, anyLine), ({ step }) => step);
}

/** The step of the last whole line, 0 without one. Reads no other line. @throws as {@link readStepNumbers} */
export function lastStep(path: string): number {
  const line = lastLine(path);
  return line === undefined ? 0 : (stepOf(line) ?? readStepNumbers(path).at(-1)!);
}

/**
 * Drops the lines of steps after `step`, which a resumed run will make again, and what a crash left of others after them.
 * @throws Error naming file, line and field of a faulty line that stays
 */
export function truncateLines(path: string, step: number): void {
  let kept = 0;
  let faulty = false;
  for (const { text, end } of wholeLines(path)) {
    const found = stepOf(text);
    if (found === undefined) faulty = true;
    else if (found <= step) {
      if (faulty) readStepNumbers(path);
      kept = end;
    }
  }
  if (existsSync(path) && statSync(path).size > kept) truncateSync(path, kept);
}

/** The step of a line, undefined if it is faulty. */
function stepOf(line: string): number | undefined {
  try {
    return anyLine.parse(JSON.parse(line)).step;
  } catch {
    return undefined;
  }
}

/** Bytes that are read at a time. */
const CHUNK = 2 ** 18;
const LINE_FEED = 10;

/** The lines of a file that have an end, and the byte after it: of one chunk after the other, as a long run writes gigabytes. */
function* wholeLines(path: string): Generator<{ readonly text: string; readonly end: number }, void> {
  if (!existsSync(path)) return;
  const file = openSync(path, "r");
  try {
    const chunk = Buffer.alloc(CHUNK);
    let rest = Buffer.alloc(0);
    let end = 0;
    for (let count = readSync(file, chunk); count > 0; count = readSync(file, chunk)) {
      const bytes = Buffer.concat([rest, chunk.subarray(0, count)]);
      let from = 0;
      for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, from)) {
        end += at + 1 - from;
        yield { text: bytes.toString("utf8", from, at), end };
        from = at + 1;
      }
      rest = bytes.subarray(from);
    }
  } finally {
    closeSync(file);
  }
}

/** The last line that has an end, read from the end of the file on. */
function lastLine(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    for (let length = Math.min(CHUNK, size); ; length = Math.min(2 * length, size)) {
      const bytes = Buffer.alloc(length);
      readSync(file, bytes, 0, length, size - length);
      const end = bytes.lastIndexOf(LINE_FEED);
      const begin = end <= 0 ? -1 : bytes.lastIndexOf(LINE_FEED, end - 1);
      if (end >= 0 && (begin >= 0 || length === size)) return bytes.toString("utf8", begin + 1, end);
      if (length === size) return undefined;
    }
  } finally {
    closeSync(file);
  }
}
