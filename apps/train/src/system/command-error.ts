import { printable } from "checked-text";

/** What is wrong with the use of a command beyond what the parser of options can tell: a choice that is missing or is none. */
export class WrongUse extends Error {}

/**
 * Runs a command; an error becomes one clear line on standard error and exit status 1, or 2 if it is a {@link WrongUse}.
 * `ELOSS_DEBUG=1` adds the stack.
 */
export async function reportErrors(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    // A file's name may hold anything too.
    process.stderr.write(`eloss: ${printable(error instanceof Error ? error.message : String(error))}\n`);
    if (process.env.ELOSS_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exitCode = error instanceof WrongUse ? 2 : 1;
  }
}

/**
 * Keeps errors of the standard streams from ending the process. What goes to standard error is for people: that nobody can read
 * it, as after a terminal was closed or with a log on a full disk, is no reason to end a training. A result that could not be
 * printed makes the exit status 1, unless its reader had enough.
 */
export function keepStreamErrors(): void {
  process.stderr.on("error", () => {});
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return;
    process.stderr.write(`eloss: cannot print the result: ${error.message}\n`);
    process.once("exit", () => {
      process.exitCode = 1;
    });
  });
}
