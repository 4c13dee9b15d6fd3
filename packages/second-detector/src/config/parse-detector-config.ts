import { parseDocument } from "yaml";
import type { z } from "zod";
import type { DetectorConfig } from "./detector-config.js";
import { detectorSchema } from "./detector-schema.js";

/** Characters of a configuration at most; real ones have about 2000. */
const MAX_CHARACTERS = 65536;

/**
 * Reads a detector configuration.
 * @param text YAML 1.2 (or JSON) with every field of {@link DetectorConfig} and no others; aliases are refused
 * @param source what error messages call it: a path, say
 * @throws TypeError if `text` is no string; Error that names the source and each faulty key, with expected and got
 */
export function parseDetectorConfig(text: string, source = "configuration"): DetectorConfig {
  if (typeof text !== "string")
    throw new TypeError(`parseDetectorConfig: expected a string for text, got ${typeof text}`);
  if (text.length > MAX_CHARACTERS) {
    throw new Error(
      `parseDetectorConfig: ${source}: expected at most ${MAX_CHARACTERS} characters of YAML, got ${text.length}`,
    );
  }
  const value = parseYaml(text, source);
  const result = detectorSchema.safeParse(value);
  if (result.success) return deepFreeze(result.data);
  const faults = result.error.issues.flatMap((issue) => describeIssue(issue, value));
  throw new Error(`parseDetectorConfig: ${source}: ${faults.join("; ")}`);
}

function parseYaml(text: string, source: string): unknown {
  let fault: unknown;
  try {
    const document = parseDocument(text, { version: "1.2", schema: "core", merge: false, prettyErrors: true });
    fault = document.errors[0];
    if (fault === undefined) return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    fault = error;
  }
  const reason = fault instanceof Error ? fault.message.trimEnd() : String(fault);
  throw new Error(`parseDetectorConfig: ${source}: expected YAML without aliases, got ${reason}`, { cause: fault });
}

/** `key.path: expected …, got …` for each fault of one zod issue. */
function describeIssue(issue: z.core.$ZodIssue, root: unknown): string[] {
  const got = describeValue(valueAt(root, issue.path));
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${describePath([...issue.path, key])}: expected no such key, got one`);
  }
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
  return text === "" ? "the whole" : text.replace(/^\./, "");
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
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const child of Object.values(value)) deepFreeze(child);
    Object.freeze(value);
  }
  return value;
}
