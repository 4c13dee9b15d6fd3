import type { z } from "zod";
import { printable } from "./quoted.js";

/**
 * A value as a schema has it.
 * @param place what the error calls the value: a path, say
 * @throws Error naming the place and the faulty keys, with what was expected and what is there
 */
export function checkAs<T>(value: unknown, schema: z.ZodType<T>, place: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap((issue) => describeIssue(issue, value));
  const more = faults.length > NAMED ? `; and ${faults.length - NAMED} more` : "";
  throw new Error(`${place}: ${faults.slice(0, NAMED).join("; ")}${more}`);
}

/** Faults that an error names. */
const NAMED = 20;

/** `key.path: expected …, got …` for each fault of one zod issue. */
function describeIssue(issue: z.core.$ZodIssue, root: unknown): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${describePath([...issue.path, key])}: expected no such key, got one`);
  }
  const got = describeValue(valueAt(root, issue.path));
  return [`${describePath(issue.path)}: ${describeExpected(issue)}, got ${got}`];
}

function describeExpected(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${issue.expected === "int" ? "a whole number" : issue.expected}`;
    case "too_small":
      return `expected ${bound(issue.origin)} ${issue.inclusive ? "at least" : "above"} ${issue.minimum}`;
    case "too_big":
      return `expected ${bound(issue.origin)} ${issue.inclusive ? "at most" : "below"} ${issue.maximum}`;
    case "invalid_key":
      return issue.issues[0]?.message ?? "expected another key";
    case "invalid_format":
      return `expected a text of the form ${issue.pattern ?? issue.format}`;
    case "invalid_value":
      return `expected one of ${issue.values.map(String).join(", ")}`;
    default:
      return issue.message;
  }
}

/** What a size limit limits. */
function bound(origin: string): string {
  return origin === "array" ? "a number of entries" : origin === "string" ? "a length" : "a number";
}

function describePath(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return text === "" ? "the whole" : printable(shortened(text.replace(/^\./, "")));
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return printable(shortened(text));
}

/** Characters of a key or a value that are shown. */
const SHOWN = 80;

function shortened(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN - 3)}...` : text;
}
