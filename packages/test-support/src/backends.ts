/** Backends that `pnpm test:backends` is running the tests for. */
const wanted = (process.env.ELOSS_TEST_BACKENDS ?? "").split(",");

/**
 * Whether to run tests that need a backend which most machines lack, or are too slow on: `pnpm test:backends` asks for
 * them once it has set the backend up.
 */
export function backendWanted(name: string): boolean {
  return wanted.includes(name);
}

/** The suffix that a skipped test puts in its title. */
export function backendSkipNote(name: string): string {
  return backendWanted(name) ? "" : ` [skipped: \`pnpm test:backends ${name}\` runs it]`;
}

/** Whether only the quicker part is to run, on a machine where the backend is slow. */
export const quickBackendTests = process.env.ELOSS_TEST_QUICK === "1";
