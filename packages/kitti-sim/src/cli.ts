#!/usr/bin/env node
import { main } from "./main.js";

const stopping = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    // the second time, at once: files are whole or not there in any case
    if (stopping.signal.aborted) process.exit(130);
    process.stderr.write("\nkitti-sim: finishing the frames at hand; once more to stop at once\n");
    stopping.abort();
  });
}

// a reader such as `head` may close the pipe early: that is no error of ours
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

main(process.argv.slice(2), {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  signal: stopping.signal,
}).then(
  (status) => {
    process.exitCode = status;
  },
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
