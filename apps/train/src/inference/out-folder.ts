import { accessSync, constants, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { quoted } from "checked-text";
import type { Precision } from "open-backend";
import type { DetectorConfig } from "second-detector";
import type { DataReading } from "../frames/data-reading.js";
import { isTemporary, writeFileAtomic } from "../system/atomic-write.js";
import { isBystander } from "../system/bystander.js";
import { MOST_BYTES, readText } from "../system/read-file.js";
import type { Lift } from "./lift.js";

/** Says that what lies beside it was found by this program, of what, and that it may be written over. */
const MARK = "eloss-infer.json";

/** What results come from: plain data. */
export interface ResultOrigin {
  /** what the weights are called, for people */
  readonly weights: string;
  /** which frames, for people */
  readonly split: string;
  /** of the weights */
  readonly sha256: string;
  readonly detector: DetectorConfig;
  readonly precision: Precision;
  readonly lift: Lift;
  /** path of the data from the root of the file system */
  readonly data: string;
  readonly reading: DataReading;
}

/** What the results of a folder have in common; what others would be, and what tells people which. */
const DECIDING = [
  ["sha256", "other weights", "weights"],
  ["detector", "a detector of another configuration", undefined],
  ["precision", "another precision", "precision"],
  ["lift", "another --lift", "lift"],
  ["data", "other data", "data"],
  ["reading", "data that were read otherwise", undefined],
] as const satisfies readonly (readonly [keyof ResultOrigin, string, keyof ResultOrigin | undefined])[];

/**
 * Makes a folder that results can be written into: a new one, an empty one, or one that this made before for the same origin. Results
 * of another would stay among the new ones, and who evaluates the folder would judge a mixture.
 * @returns names of the result files that are there
 * @throws Error naming it if it holds what others made, results of another origin, or nothing can be written there
 */
export function openOutFolder(folder: string, origin: ResultOrigin): string[] {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new Error(`--out ${folder}: expected a folder to write into: ${(cause as Error).message}`, { cause });
  }
  const mark = join(folder, MARK);
  const names = readdirSync(folder).filter((name) => !isBystander(name) && !isTemporary(name));
  if (names.length > 0 && !existsSync(mark)) {
    throw new Error(
      `--out ${folder}: expected a new or empty folder, or one that \`eloss infer\` made, found ${names[0]}; choose another`,
    );
  }
  const results = names.filter((name) => name.endsWith(".txt"));
  if (results.length > 0) refuseOthers(folder, origin, readText(mark, { what: "an origin", most: MOST_BYTES.index }));
  writeFileAtomic(mark, `${JSON.stringify(origin, null, 2)}\n`);
  return results;
}

function refuseOthers(folder: string, origin: ResultOrigin, mark: string): void {
  const before = parseOrigin(mark);
  if (before.sha256 === undefined) return;
  const another = DECIDING.find(([key]) => JSON.stringify(before[key]) !== JSON.stringify(origin[key]));
  if (another === undefined) return;
  const [, what, shown] = another;
  const which = shown === undefined ? "" : ` (${quoted(String(before[shown]))})`;
  throw new Error(
    `--out ${folder}: expected no results but those of the same weights and data, found those of ${what}${which}; together they would be ` +
      "evaluated as one: choose another folder, or delete that one",
  );
}

/** What a mark says; nothing if it is none, or of an earlier version. */
function parseOrigin(mark: string): Partial<Record<keyof ResultOrigin, unknown>> {
  try {
    return JSON.parse(mark) ?? {};
  } catch {
    return {};
  }
}
