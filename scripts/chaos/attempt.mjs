import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const PRELOAD = new URL("faulty-fs.mjs", import.meta.url).href;
/** Nothing here takes so long, in milliseconds. */
const MOST = 180_000;
/** How long a process that was stopped in the middle is left so while a second one tries the same. */
const PAUSE = 4000;

/**
 * Runs a command once, with something done to it.
 * @param args of node
 * @param fault what `faulty-fs.mjs` takes; with `after` milliseconds in place of `at` the signal `how` comes from outside then
 * @returns how it ended; of `rivals` those that ended neither well nor with a word about who is at work
 */
export async function attempt(args, fault, { cwd, countFile } = {}) {
  const { child, ended } = start(args, fault, { cwd, countFile });
  const timer = fault?.after === undefined ? undefined : setTimeout(() => child.kill(fault.how), fault.after);
  const badRivals = fault?.how === "SIGSTOP" ? await whileStopped(child, () => start(args, undefined, { cwd })) : [];
  const end = await ended;
  clearTimeout(timer);
  return { ...end, badRivals };
}

function start(args, fault, { cwd, countFile }) {
  const env = { ...process.env, NO_COLOR: "1" };
  if (fault?.at !== undefined) {
    env.NODE_OPTIONS = `--import ${PRELOAD}`;
    env.CHAOS = JSON.stringify(fault);
    env.CHAOS_COUNT = countFile;
  }
  const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), MOST);
  const ended = once(child, "exit").then(([status, signal]) => {
    clearTimeout(limit);
    return { status, signal, said };
  });
  return { child, ended };
}

/** Runs a rival while the process is stopped, if it ever is, and lets it go on. */
async function whileStopped(child, startRival) {
  while (!isStopped(child.pid)) {
    if (child.exitCode !== null || child.signalCode !== null) return [];
    await delay(5);
  }
  const rival = startRival();
  await Promise.race([rival.ended, delay(PAUSE)]);
  child.kill("SIGCONT");
  const end = await rival.ended;
  return end.status === 0 || /has been at work there/.test(end.said) ? [] : [end];
}

function isStopped(pid) {
  try {
    return /\) [Tt] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
