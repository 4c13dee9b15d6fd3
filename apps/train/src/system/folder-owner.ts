import { createHash, randomUUID } from "node:crypto";
import {
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { cannotWrite } from "./atomic-write.js";
import { livingOwner, ownText } from "./owner-record.js";

// One process at a time writes into a folder. Whoever begins leaves OWNER_FILE there: who, where, since when; its time is
// moved on while the work goes on (the heartbeat). A second process says who is at work; what a dead one left is taken over.

/** Name of the file that says whose a folder is; names that begin with it are of the taking over. */
export const OWNER_FILE = ".owner.json";

/** Between two heartbeats, in milliseconds. */
const PULSE = 10_000;
/** Between two looks whether a folder has become free, in milliseconds. */
const LOOK = 500;

/** The right to write into a folder. */
export interface FolderOwnership {
  /** @throws Error if somebody else has taken the folder over, as from a process that was stopped for long */
  check(): void;
  /** gives the folder free; more than once is fine */
  release(): void;
}

/** Somebody else is at work in a folder. */
export class FolderTakenError extends Error {
  /** @param who in words */
  constructor(
    message: string,
    readonly who: string,
  ) {
    super(message);
  }
}

/**
 * Takes a folder for this process; makes it if it is not there. The folder is free again when the process gives it up or
 * ends, however it ends.
 * @throws FolderTakenError naming who is at work there: process, machine, since when, with what command; Error if that is told in a file
 *   that cannot be read, such as another user's
 */
export function ownFolder(folder: string): FolderOwnership {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, OWNER_FILE);
  const own = ownText();
  const other = take(path, own);
  if (other !== undefined) {
    const message = `${folder}: expected a folder that nobody works in, but ${other}; wait for it or stop it`;
    throw new FolderTakenError(message, other);
  }
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`${OWNER_FILE}.`)) rmSync(join(folder, name), { force: true });
  }
  const isOwn = () => readText(path) === own;
  const pulse = setInterval(() => {
    if (isOwn()) trying(() => utimesSync(path, new Date(), new Date()));
  }, PULSE);
  pulse.unref();
  const release = () => {
    clearInterval(pulse);
    process.off("exit", release);
    if (isOwn()) trying(() => rmSync(path, { force: true }));
  };
  process.on("exit", release);
  return {
    check() {
      if (isOwn()) return;
      const now = folderOwner(folder) ?? `${OWNER_FILE} is gone`;
      throw new FolderTakenError(`${folder}: expected to be alone at work there, but ${now}`, now);
    },
    release,
  };
}

/**
 * Does what may fail once on a file server that is busy or away. The work in the folder does not hang on it: the next heartbeat comes soon,
 * and a name that stays is that of a dead owner as soon as the process has ended.
 */
function trying(work: () => void): void {
  try {
    work();
  } catch {}
}

/** Who is at work in a folder, in words; undefined if nobody is. */
export function folderOwner(folder: string): string | undefined {
  const path = join(folder, OWNER_FILE);
  const text = readText(path);
  return text === undefined ? undefined : livingOwner(text, path);
}

/** Takes the name of a dead owner, one that was killed at work, off a folder; where nobody may write, it stays. */
export function dismissDeadOwner(folder: string): void {
  if (!existsSync(join(folder, OWNER_FILE)) || folderOwner(folder) !== undefined) return;
  try {
    ownFolder(folder).release();
  } catch {}
}

/** Does the work with the folder in possession. @throws FolderTakenError as {@link ownFolder} */
export async function owningFolder<Result>(
  folder: string,
  work: (ownership: FolderOwnership) => Promise<Result>,
): Promise<Result> {
  const ownership = ownFolder(folder);
  try {
    return await work(ownership);
  } finally {
    ownership.release();
  }
}

/** How to wait for a folder. */
export interface Waiting {
  /** told once who is at work there, if somebody is */
  readonly onWait: (who: string) => void;
  /** ends the waiting, by its reason */
  readonly signal?: AbortSignal | undefined;
  /** passes some time */
  readonly pause?: () => Promise<unknown>;
}

/** Takes a folder once nobody else is at work there. */
async function ownFreeFolder(folder: string, waiting: Waiting): Promise<FolderOwnership> {
  const { onWait, signal, pause = () => delay(LOOK) } = waiting;
  for (let told = false; ; told = true) {
    signal?.throwIfAborted();
    try {
      return ownFolder(folder);
    } catch (error) {
      if (!(error instanceof FolderTakenError)) throw error;
      if (!told) onWait(error.who);
    }
    await pause();
  }
}

/** Does the work with the folder in possession, once nobody else is at work there. */
export async function owningFreeFolder<Result>(
  folder: string,
  waiting: Waiting,
  work: (ownership: FolderOwnership) => Promise<Result>,
): Promise<Result> {
  const ownership = await ownFreeFolder(folder, waiting);
  try {
    return await work(ownership);
  } finally {
    ownership.release();
  }
}

/** Waits until nobody works in a folder. */
export async function folderFree(
  folder: string,
  { onWait, signal, pause = () => delay(LOOK) }: Waiting,
): Promise<void> {
  for (let told = false; ; told = true) {
    const who = folderOwner(folder);
    if (who === undefined) return;
    signal?.throwIfAborted();
    if (!told) onWait(who);
    await pause();
  }
}

/** Puts a text at a path unless one of a living owner is there. @returns who that is */
function take(path: string, text: string): string | undefined {
  while (!put(path, text)) {
    const found = readOwner(path);
    if (found === undefined) continue; // gone meanwhile
    const other = livingOwner(found, path) ?? clearDead(path, found, text);
    if (other !== undefined) return other;
  }
  return undefined;
}

/**
 * Removes what a dead owner left. Of several that find it dead the one may that has the right to, a file of its own that is
 * taken like a folder: whoever comes later finds another text at the path, or none, as no text comes twice.
 * @returns who is about to do it
 */
function clearDead(path: string, dead: string, text: string): string | undefined {
  const right = `${path}.${createHash("sha256").update(dead).digest("hex").slice(0, 16)}`;
  const other = take(right, text);
  if (other !== undefined) return other;
  if (readText(path) === dead) rmSync(path, { force: true });
  rmSync(right, { force: true });
  return undefined;
}

/** Makes a file that was not there, whole or not at all. @returns false if there is one */
function put(path: string, text: string): boolean {
  // Written aside, then linked under its name, which fails if the name is taken.
  const aside = `${path}.${randomUUID()}`;
  try {
    writeFileSync(aside, text);
    linkSync(aside, path);
    return true;
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall !== "link") throw cannotWrite(path, error);
    if (code === "EEXIST" || code === "ENOENT") return false; // ENOENT: the owner has just tidied up
    return copyNew(aside, path); // a file system without links
  } finally {
    rmSync(aside, { force: true });
  }
}

/** As {@link put}, but a reader may see a part. */
function copyNew(from: string, path: string): boolean {
  try {
    copyFileSync(from, path, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw cannotWrite(path, error);
  }
}

/** @returns undefined if there is none @throws Error if it cannot be read: nobody can tell then whether its owner lives */
function readOwner(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    const remedy = "ask whose it is, or delete it if nobody is at work there";
    throw new Error(`${path}: expected to read who is at work in its folder, got ${message}; ${remedy}`, { cause });
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
