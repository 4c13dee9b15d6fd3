import { accessSync, constants, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isTemporary, writeFileAtomic } from "../system/atomic-write.js";
import { isBystander } from "../system/bystander.js";

/** Says that what lies beside it was found by this program, and may be written over. */
const MARK = "eloss-infer.json";

/**
 * Makes a folder that results can be written into, before hours of work: a new one, an empty one, or one that this made before.
 * @param origin what the results come from, for people
 * @throws Error naming it if it holds what others made, or nothing can be written there
 */
export function openOutFolder(folder: string, origin: object): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new Error(`--out ${folder}: expected a folder to write into: ${(cause as Error).message}`, { cause });
  }
  const mark = join(folder, MARK);
  const found = readdirSync(folder).find((name) => !isBystander(name) && !isTemporary(name));
  if (found !== undefined && !existsSync(mark)) {
    throw new Error(
      `--out ${folder}: expected a new or empty folder, or one that \`eloss infer\` made, found ${found}; choose another`,
    );
  }
  writeFileAtomic(mark, `${JSON.stringify(origin, null, 2)}\n`);
}
