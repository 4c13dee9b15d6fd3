import { fork } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Job } from "./fuzz-process.js";
import type { Counts, Finding } from "./fuzz-target.js";
import { targetNamed } from "./targets/all-targets.js";

/** A process that says nothing for so long, in milliseconds, hangs: it may be busy for two seconds, on a busy machine for more. */
const SILENCE = 20_000;

type Message = { readonly counts: Counts } | { readonly result: Counts & { readonly findings: readonly Finding[] } };

/** Tries a target in a process of its own. One that hangs or ends shows what it does with the file that it had last. */
export function watchTarget(
  job: Job,
  onCounts: (counts: Counts) => void,
): Promise<Counts & { readonly findings: readonly Finding[] }> {
  const code = fileURLToPath(new URL("fuzz-process.js", import.meta.url));
  const child = fork(code, { serialization: "advanced", stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let said = "";
  child.stderr?.on("data", (text) => {
    said = `${said}${text}`.slice(-4000);
  });
  return new Promise((resolve) => {
    let counts: Counts = { inputs: 0, refused: 0 };
    let hangs = false;
    let result: (Counts & { readonly findings: readonly Finding[] }) | undefined;
    const hang = () => {
      hangs = true;
      child.kill("SIGKILL");
    };
    let timer = setTimeout(hang, SILENCE);
    child.on("message", (message: Message) => {
      clearTimeout(timer);
      timer = setTimeout(hang, SILENCE);
      if ("result" in message) result = message.result;
      else {
        counts = message.counts;
        onCounts(counts);
      }
    });
    child.once("exit", (status, signal) => {
      clearTimeout(timer);
      if (result !== undefined) return resolve(result);
      const file = join(job.folder, targetNamed(job.target).file);
      const input = existsSync(file) ? readFileSync(file) : new Uint8Array();
      const fault = hangs ? `no answer for ${SILENCE / 1000} s` : `the process ended (${signal ?? status})\n${said}`;
      resolve({ ...counts, findings: [{ target: job.target, fault, input }] });
    });
    child.send(job);
  });
}
