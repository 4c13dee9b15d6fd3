import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

// One process at a time writes into a folder. Whoever begins leaves OWNER_FILE there: who, where, since when; its time is
// moved on while the work goes on (the heartbeat). A second process says who is at work; what a dead one left is taken over.

/** Name of the file that says whose a folder is. */
export const OWNER_FILE = ".owner.json";

/** Between two heartbeats, in milliseconds. */
const PULSE = 10_000;
/** An owner on another machine without a heartbeat for so long is taken for dead: longer than any step blocks its process. */
const SILENCE = 15 * 60_000;

/** What stands in {@link OWNER_FILE}. */
interface Owner {
  readonly pid: number;
  /** when the system started the process, to tell it from a later one of the same number; empty where that is not known */
  readonly born: string;
  readonly host: string;
  /** ISO time */
  readonly started: string;
  readonly command: string;
  /** of this ownership alone */
  readonly token: string;
}

/** The right to write into a folder. */
export interface FolderOwnership {
  /** @throws Error if somebody else has taken the folder over */
  check(): void;
  /** gives the folder free; more than once is fine */
  release(): void;
}

/**
 * Takes a folder for this process; makes it if it is not there. The folder is free again when the process gives it up or
 * ends, however it ends.
 * @throws Error naming who is at work there: process, machine, since when, with what command
 */
export function ownFolder(folder: string): FolderOwnership {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, OWNER_FILE);
  const own = thisProcess();
  // A whole file or none: written aside, then linked under its name, which fails if the name is taken.
  const aside = `${path}.${own.token}`;
  writeFileSync(aside, `${JSON.stringify(own, null, 2)}\n`);
  try {
    while (!claim(aside, path)) clearDead(path, folder);
  } finally {
    rmSync(aside, { force: true });
  }
  const isOwn = () => readOwner(path)?.token === own.token;
  const pulse = setInterval(() => {
    if (isOwn()) utimesSync(path, new Date(), new Date());
  }, PULSE);
  pulse.unref();
  const release = () => {
    clearInterval(pulse);
    process.off("exit", release);
    if (isOwn()) rmSync(path, { force: true });
  };
  process.on("exit", release);
  return {
    check() {
      if (!isOwn()) throw new Error(`${folder}: expected to be alone at work there, but ${nameOf(readOwner(path))}`);
    },
    release,
  };
}

/** Does the work with the folder in possession. */
export async function owningFolder<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  const ownership = ownFolder(folder);
  try {
    return await work();
  } finally {
    ownership.release();
  }
}

function claim(aside: string, path: string): boolean {
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Removes what a dead owner left. @throws Error if the owner lives */
function clearDead(path: string, folder: string): void {
  const found = readOwner(path);
  if (found === undefined) return; // gone meanwhile
  if (isAlive(found, path)) {
    throw new Error(
      `${folder}: expected a folder that nobody works in, but ${nameOf(found)}; ` +
        `wait for it or stop it${found.host === hostname() ? ` (kill ${found.pid})` : ""}`,
    );
  }
  // Of several that found it dead one moves it away. What was moved may be the next owner's: then it goes back.
  const moved = `${path}.${randomUUID()}`;
  try {
    renameSync(path, moved);
  } catch {
    return; // another was faster
  }
  if (readOwner(moved)?.token !== found.token) claim(moved, path);
  rmSync(moved, { force: true });
}

function isAlive(owner: Owner, path: string): boolean {
  if (owner.host !== hostname()) {
    const beat = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return Date.now() - beat < SILENCE;
  }
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // there, but another user's
  }
  const born = birthOf(owner.pid);
  return born === "" || owner.born === "" || born === owner.born;
}

/** @returns undefined if there is no such file; what cannot be read as an owner is nobody living */
function readOwner(path: string): Owner | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  try {
    const { pid, born, host, started, command, token } = JSON.parse(text) as Owner;
    if (Number.isSafeInteger(pid) && pid > 0) {
      return { pid, born: String(born), host: String(host), started: String(started), command: String(command), token };
    }
  } catch {
    // not what this program writes
  }
  return { pid: 2 ** 31, born: "", host: hostname(), started: "", command: "", token: text };
}

function nameOf(owner: Owner | undefined): string {
  if (owner === undefined) return `${OWNER_FILE} is gone`;
  const { pid, host, started, command } = owner;
  return `process ${pid} on ${JSON.stringify(host)} has been at work there since ${JSON.stringify(started)}: ${JSON.stringify(command)}`;
}

function thisProcess(): Owner {
  return {
    pid: process.pid,
    born: birthOf(process.pid),
    host: hostname(),
    started: new Date().toISOString(),
    command: ["eloss", ...process.argv.slice(2)].join(" ").slice(0, 200),
    token: randomUUID(),
  };
}

/** Clock ticks from the start of the system to that of a process (Linux); empty elsewhere. */
function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets, which may hold spaces and brackets itself.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return "";
  }
}
