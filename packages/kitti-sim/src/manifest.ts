import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseJson, printable } from "checked-text";
import type { Panes } from "./cast-scan.js";
import { writeFirst } from "./frame-files.js";
import type { LabelView } from "./label-objects.js";
import { MAX_FRAMES, MAX_MANIFEST_BYTES } from "./limits.js";
import { BEAM_COUNTS, type BeamCount, type Field } from "./sensor.js";

/** What a simulated dataset was made with; decides, with the version of this package, every byte in it. */
export interface Manifest {
  readonly seed: number;
  readonly train: number;
  readonly val: number;
  readonly field: Field;
  /** what has labels; those that do not say: what the camera sees */
  readonly labels: LabelView;
  /** of the sensors, which take turns; those that do not say: 64 */
  readonly beams: readonly BeamCount[];
  /** of cars and houses; those that do not say: clear */
  readonly panes: Panes;
}

const NAME = "kitti-sim.json";
const KEYS = ["seed", "train", "val", "field", "labels", "beams", "panes"] as const;

/**
 * Makes a folder one for a dataset of these options: writes the manifest into a new or empty one, accepts one that has
 * the same. Of several that begin at once, one writes it, and the others go by that.
 * @throws Error if the folder belongs to a dataset with other options, or to something else, or is none
 */
export async function claimFolder(root: string, manifest: Manifest): Promise<void> {
  const path = join(root, NAME);
  const there = await stat(root).catch(() => undefined);
  if (there?.isDirectory() === false) {
    throw new Error(`writeSimulatedDataset: expected a folder or a new name, got ${root}, which is a file`);
  }
  if (!existsSync(path)) {
    if (existsSync(join(root, "training")) || existsSync(join(root, "ImageSets"))) {
      throw new Error(
        `writeSimulatedDataset: expected a folder without a dataset, or one of kitti-sim, got ${root}, which has data ` +
          `but no ${NAME}; choose another folder`,
      );
    }
    if (await writeFirst(path, `${JSON.stringify(manifest, KEYS as unknown as string[], 2)}\n`)) return;
  }
  const found = await readManifest(path);
  const other = KEYS.filter((key) => String(found[key]) !== String(manifest[key]));
  if (other.length === 0) return;
  const list = (from: Manifest) => other.map((key) => `${key} ${from[key]}`).join(", ");
  throw new Error(
    `writeSimulatedDataset: expected a dataset of ${list(manifest)} in ${root}, got one of ${list(found)}; ` +
      "choose another folder, delete this one, or give the options that it was made with",
  );
}

async function readManifest(path: string): Promise<Manifest> {
  const info = await stat(path);
  if (!info.isFile() || info.size > MAX_MANIFEST_BYTES) {
    const got = info.isFile() ? `${info.size} bytes` : "something else";
    throw new Error(`parseManifest: ${path}: expected a file of at most ${MAX_MANIFEST_BYTES} bytes, got ${got}`);
  }
  return parseManifest(await readFile(path, "utf8"), path);
}

/**
 * Reads the text of a `kitti-sim.json`. Keys that it does not know are skipped.
 * @param path for error messages
 * @throws Error with path and key for what is no JSON, no whole number in its range or no field
 */
export function parseManifest(text: string, path = NAME): Manifest {
  const caller = "parseManifest:";
  const value = parseJson(text, `${caller} ${path}`);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${caller} ${path}: expected an object, got ${shown(value)}`);
  }
  const found = value as Record<string, unknown>;
  const whole = (key: "seed" | "train" | "val", most: number): number => {
    const number = found[key];
    if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0 && number <= most) return number;
    throw new Error(`${caller} ${path}: ${key}: expected a whole number from 0 to ${most}, got ${shown(number)}`);
  };
  const part = (key: "field" | "labels", usual?: Field): Field => {
    const value = found[key] ?? usual;
    if (value === "full" || value === "camera") return value;
    throw new Error(`${caller} ${path}: ${key}: expected "full" or "camera", got ${shown(value)}`);
  };
  const field = part("field");
  return {
    seed: whole("seed", Number.MAX_SAFE_INTEGER),
    train: whole("train", MAX_FRAMES),
    val: whole("val", MAX_FRAMES),
    field,
    labels: part("labels", "camera"),
    beams: beamsOf(found.beams ?? [64], `${caller} ${path}`),
    panes: panesOf(found.panes ?? "clear", `${caller} ${path}`),
  };
}

function panesOf(value: unknown, place: string): Panes {
  if (value === "clear" || value === "tinted") return value;
  throw new Error(`${place}: panes: expected "clear" or "tinted", got ${shown(value)}`);
}

function beamsOf(value: unknown, place: string): readonly BeamCount[] {
  if (Array.isArray(value) && value.length > 0 && value.every((each) => BEAM_COUNTS.includes(each))) return value;
  throw new Error(`${place}: beams: expected a list of ${BEAM_COUNTS.join(", ")}, got ${shown(value)}`);
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : printable(JSON.stringify(value).slice(0, 60));
}
