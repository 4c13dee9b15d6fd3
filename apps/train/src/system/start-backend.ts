import { type BackendName, type BackendReport, useBackend } from "open-backend";

/**
 * Starts the backend that a command asks for and says so on standard error, or fails with the reason. `ELOSS_TENSORFLOW` names
 * the folder of a `@tensorflow/tfjs-node` package with its runtime, in place of the installed one.
 */
export async function startBackend(name: BackendName): Promise<BackendReport> {
  const backend = await useBackend(name, { tensorflow: process.env.ELOSS_TENSORFLOW });
  process.stderr.write(`backend ${backend.description}\n`);
  for (const note of backend.notes) process.stderr.write(`  ${note}\n`);
  return backend;
}
