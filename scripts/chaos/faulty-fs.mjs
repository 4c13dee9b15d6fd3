// Preloaded into a process (`node --import`), this counts what it writes to the file system, thread by thread, and does
// something to it at the n-th time: `CHAOS` says what, as JSON: { command, how, at, for? }. Only `command` is harmed, not what
// it starts. `how`:
//   count         nothing; the number of writes is left in the file CHAOS_COUNT
//   kill          SIGKILL before the write; half: in the middle of it; after: when it is done
//   full          this write and some more (`for`) find the disk full, after half of their bytes
//   SIGTERM etc.  the signal before the write; SIGSTOP waits until somebody lets the process go on
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { isMainThread } from "node:worker_threads";

const fault = JSON.parse(process.env.CHAOS ?? "null");
const command = /kitti-sim/.test(process.argv[1] ?? "") ? "kitti-sim" : process.argv[2];
if (fault !== null && fault.command === command) harm(fault);

function harm({ how, at, for: times = 1 }) {
  let count = 0;
  const kill = () => process.kill(process.pid, "SIGKILL");
  /** @param half does half of the write, @param whole all of it; both may be asynchronous */
  const write = (half, whole) => {
    count += 1;
    if (how === "full" && count >= at && count < at + times) return half(noRoom());
    if (count !== at || how === "count" || how === "full") return whole();
    if (how === "kill") kill();
    else if (how === "half") return half(undefined, kill);
    else if (how === "after") {
      const done = whole();
      if (done instanceof Promise) return done.finally(kill);
      kill();
      return done;
    } else process.kill(process.pid, how);
    return whole();
  };
  if (how === "count" && isMainThread) {
    process.once("exit", () => fs.appendFileSync(process.env.CHAOS_COUNT, `${count}\n`));
  }

  const { writeFileSync, writeSync } = fs;
  const { writeFile } = fs.promises;
  fs.writeFileSync = (path, content, ...rest) =>
    write(
      (error, then) => {
        writeFileSync(path, halfOf(content));
        then?.();
        throw error;
      },
      () => writeFileSync(path, content, ...rest),
    );
  fs.promises.writeFile = (path, content, ...rest) =>
    write(
      async (error, then) => {
        await writeFile(path, halfOf(content));
        then?.();
        throw error;
      },
      () => writeFile(path, content, ...rest),
    );
  let short = false;
  fs.writeSync = (file, content, from = 0, ...rest) =>
    file <= 2 // words for people
      ? writeSync(file, content, from, ...rest)
      : write(
          (error, then) => {
            short = !short;
            const written = short ? writeSync(file, content, from, Math.ceil((content.length - from) / 2)) : 0;
            then?.();
            if (!short) throw error;
            return written;
          },
          () => writeSync(file, content, from, ...rest),
        );
  for (const of of [fs, fs.promises]) {
    for (const name of ["mkdir", "rename", "link", "rm", "truncate", "ftruncate"]) {
      const key = of === fs ? `${name}Sync` : name;
      const original = of[key];
      if (original === undefined) continue;
      of[key] = (...args) =>
        write(
          (_, then) => {
            then?.();
            return original(...args);
          },
          () => original(...args),
        );
    }
  }
  syncBuiltinESMExports();
}

function halfOf(content) {
  return content.slice(0, content.length >> 1);
}

function noRoom() {
  return Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write" });
}
