/** Backends that `pnpm test:backends` is running the tests for. */
const wanted = (process.env.ELOSS_TEST_BACKENDS ?? "").split(",");

/**
 * Why tests on a backend that most machines lack, or are too slow on, do not run; `undefined` where `pnpm test:backends` has
 * set the backend up and asks for them.
 */
export function backendNotWanted(name: string): string | undefined {
  return wanted.includes(name) ? undefined : `\`pnpm test:backends ${name}\` runs it`;
}

/** Whether only the quicker part is to run, on a machine where the backend is slow. */
export const quickBackendTests = process.env.ELOSS_TEST_QUICK === "1";
