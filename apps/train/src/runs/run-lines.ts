import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { checkAs, parseJson } from "checked-text";
import { z } from "zod";
import { writeFileAtomic } from "../system/atomic-write.js";

/** What every line of `metrics.jsonl` and `validation.jsonl` has: the optimiser steps that had been taken. */
const anyLine = z.looseObject({ step: z.int().min(0) });

/** Adds a line to `metrics.jsonl` or `validation.jsonl`. */
export function appendLine(path: string, line: { readonly step: number } & Readonly<Record<string, unknown>>): void {
  appendFileSync(path, `${JSON.stringify(line)}\n`);
}

/**
 * The lines of such a file; none if it is not there. A last line without its end, as of a run that is going on or has
 * crashed, is left out.
 * @throws Error naming file, line and field if one is not as the schema has it
 */
export function readLines<T>(path: string, schema: z.ZodType<T>): T[] {
  return wholeLines(path).map((line, i) => checkAs(parseJson(line, `${path}:${i + 1}`), schema, `${path}:${i + 1}`));
}

/** The step of each line. @throws Error naming file, line and field of a faulty one */
export function readStepNumbers(path: string): number[] {
  return readLines(path, anyLine).map(({ step }) => step);
}

/** The step of the last whole line, 0 without one. Reads no other line. @throws as {@link readStepNumbers} */
export function lastStep(path: string): number {
  const lines = wholeLines(path);
  const line = lines.at(-1);
  const place = `${path}:${lines.length}`;
  return line === undefined ? 0 : checkAs(parseJson(line, place), anyLine, place).step;
}

/** Drops the lines of steps after `step`, which a resumed run will make again, and what a crash left of a line. */
export function truncateLines(path: string, step: number): void {
  if (!existsSync(path)) return;
  const steps = readStepNumbers(path);
  const kept = wholeLines(path).filter((_, i) => steps[i] <= step);
  writeFileAtomic(path, kept.map((line) => `${line}\n`).join(""));
}

function wholeLines(path: string): string[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
}
