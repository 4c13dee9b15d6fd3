import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What differs from run to run, and may: times and memory. */
const PASSING = new Set(["seconds", "waitSeconds", "memory", "made", "environment", "stepSeconds", "written"]);

/**
 * SHA-256 of every file of a folder, by its name there. JSON counts without times, and with the folder's own name left out.
 * @param ignored files whose contents do not count
 */
export function snapshot(folder, ignored) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
  const names = files.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1)).sort();
  return new Map(names.map((name) => [name, ignored.test(name) ? "" : hashOf(contents(folder, name))]));
}

/** Names of the files that differ between two snapshots. */
export function differing(one, other) {
  return [...new Set([...one.keys(), ...other.keys()])].filter((name) => one.get(name) !== other.get(name));
}

function contents(folder, name) {
  const bytes = readFileSync(join(folder, name));
  if (!/\.(jsonl?)$/.test(name)) return bytes;
  const text = bytes.toString().replaceAll(folder, "");
  const documents = name.endsWith("l") ? text.split("\n") : [text];
  return documents.map((document) => (document === "" ? "" : lasting(name, document))).join("\n");
}

function lasting(name, document) {
  try {
    return JSON.stringify(JSON.parse(document, (key, value) => (PASSING.has(key) ? undefined : value)));
  } catch (error) {
    throw new Error(`${name}: ${error.message}`);
  }
}

function hashOf(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}
