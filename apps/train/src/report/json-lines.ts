import { readFileSync } from "node:fs";
import type { z } from "zod";

/**
 * The lines of a `.jsonl` file that a run appends to. A last line without its end, as of a run that is going on or has
 * crashed, is left out.
 * @throws Error naming file, line and field if one is not as the schema has it
 */
export function readJsonLines<T>(path: string, schema: z.ZodType<T>): T[] {
  const lines = readFileSync(path, "utf8").split("\n");
  lines.pop();
  return lines.map((line, i) => parseAs(line, schema, `${path}:${i + 1}`));
}

/** @throws Error naming the place and the field if the text is no JSON or not as the schema has it */
export function parseAs<T>(text: string, schema: z.ZodType<T>, place: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${place}: expected JSON, got ${JSON.stringify(text.slice(0, 40))}`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  throw new Error(`${place}: ${path.join(".") || "the whole"}: ${message}`);
}
