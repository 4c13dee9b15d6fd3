import { type BackendName, type BackendReport, type Precision, useBackend } from "open-backend";

/**
 * Starts the backend that a command asks for and says so on standard error, or fails with the reason. `ELOSS_TENSORFLOW` names
 * the folder of a `@tensorflow/tfjs-node` package with its runtime, in place of the installed one.
 * @param precision of the products of a network's layers
 */
export async function startBackend(name: BackendName, precision: Precision = "float32"): Promise<BackendReport> {
  const backend = await useBackend(name, { tensorflow: process.env.ELOSS_TENSORFLOW, precision });
  process.stderr.write(`backend ${backend.description}\n`);
  for (const note of backend.notes) process.stderr.write(`  ${note}\n`);
  return backend;
}
