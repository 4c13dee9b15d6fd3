/**
 * Runs a command; an error becomes one clear line on standard error and exit status 1. `ELOSS_DEBUG=1` adds the stack.
 */
export async function reportErrors(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    process.stderr.write(`eloss: ${error instanceof Error ? error.message : String(error)}\n`);
    if (process.env.ELOSS_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  }
}
