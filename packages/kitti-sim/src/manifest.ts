import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "./frame-files.js";
import type { Field } from "./sensor.js";

/** What a simulated dataset was made with; decides, with the version of this package, every byte in it. */
export interface Manifest {
  readonly seed: number;
  readonly train: number;
  readonly val: number;
  readonly field: Field;
}

const NAME = "kitti-sim.json";
const KEYS = ["seed", "train", "val", "field"] as const;

/**
 * Makes a folder one for a dataset of these options: writes the manifest into a new or empty one, accepts one that has
 * the same.
 * @throws Error if the folder belongs to a dataset with other options, or to something else
 */
export async function claimFolder(root: string, manifest: Manifest): Promise<void> {
  const path = join(root, NAME);
  if (!existsSync(path)) {
    if (existsSync(join(root, "training")) || existsSync(join(root, "ImageSets"))) {
      throw new Error(
        `writeSimulatedDataset: expected a folder without a dataset, or one of kitti-sim, got ${root}, which has data ` +
          `but no ${NAME}; choose another folder`,
      );
    }
    await writeWhole(path, `${JSON.stringify(manifest, KEYS as unknown as string[], 2)}\n`);
    return;
  }
  const found = parseManifest(await readFile(path, "utf8"), path);
  const other = KEYS.filter((key) => found[key] !== manifest[key]);
  if (other.length === 0) return;
  const list = (from: Record<string, unknown>) => other.map((key) => `${key} ${from[key]}`).join(", ");
  throw new Error(
    `writeSimulatedDataset: expected a dataset of ${list({ ...manifest })} in ${root}, got one of ${list(found)}; ` +
      "choose another folder, delete this one, or give the options that it was made with",
  );
}

function parseManifest(text: string, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`writeSimulatedDataset: ${path}: expected JSON, got ${JSON.stringify(text.slice(0, 40))}`, {
      cause,
    });
  }
  if (typeof value !== "object" || value === null) {
    throw new Error(`writeSimulatedDataset: ${path}: expected an object, got ${JSON.stringify(value)}`);
  }
  return value as Record<string, unknown>;
}
