import { type BackendName, type BackendReport, useBackend } from "open-backend";

/**
 * Starts the backend that a command asks for, or fails with the reason. `ELOSS_TENSORFLOW` names the folder of a
 * `@tensorflow/tfjs-node` package with its runtime, in place of the installed one.
 */
export function startBackend(name: BackendName): Promise<BackendReport> {
  return useBackend(name, { tensorflow: process.env.ELOSS_TENSORFLOW });
}
