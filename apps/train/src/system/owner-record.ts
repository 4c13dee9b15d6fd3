import { randomUUID } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { isRunning } from "./is-running.js";

/** An owner on another machine without a heartbeat for so long is taken for dead: longer than any step blocks its process. */
const SILENCE = 15 * 60_000;

/** Who works in a folder, as its owner file says. */
export interface Owner {
  readonly pid: number;
  /** when the system started the process, to tell it from a later one of the same number; empty where that is not known */
  readonly born: string;
  readonly host: string;
  /** ISO time */
  readonly started: string;
  readonly command: string;
}

/** This process, as the text of an owner file: no two such texts are the same. */
export function ownText(): string {
  const owner: Owner = {
    pid: process.pid,
    born: birthOf(process.pid),
    host: hostname(),
    started: new Date().toISOString(),
    command: ["eloss", ...process.argv.slice(2)].join(" ").slice(0, 200),
  };
  return `${JSON.stringify({ ...owner, token: randomUUID() }, null, 2)}\n`;
}

/** @returns the owner in words, undefined if it is dead or the text is not what this program writes */
export function livingOwner(text: string, path: string): string | undefined {
  const owner = parseOwner(text);
  if (owner === undefined || !isAlive(owner, path)) return undefined;
  const { pid, host, started, command } = owner;
  const words = `process ${pid} on ${JSON.stringify(host)} has been at work there since ${JSON.stringify(started)}`;
  return `${words}: ${JSON.stringify(command)}${host === hostname() ? ` (kill ${pid} stops it)` : ""}`;
}

function parseOwner(text: string): Owner | undefined {
  try {
    const { pid, born, host, started, command } = JSON.parse(text) as Owner;
    if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
    return { pid, born: String(born), host: String(host), started: String(started), command: String(command) };
  } catch {
    return undefined;
  }
}

function isAlive(owner: Owner, path: string): boolean {
  if (owner.host !== hostname()) {
    const beat = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return Date.now() - beat < SILENCE;
  }
  if (!isRunning(owner.pid)) return false;
  const born = birthOf(owner.pid);
  return born === "" || owner.born === "" || born === owner.born;
}

/** Clock ticks from the start of the system to that of a process (Linux); empty elsewhere. */
function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets, which may hold spaces and brackets itself.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? "dead" : fields[18];
  } catch {
    return "";
  }
}
