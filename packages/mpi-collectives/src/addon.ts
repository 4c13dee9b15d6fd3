import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NumberArray } from "./communicator.js";

/** What native/addon.cc exports. */
export interface Addon {
  /** whose binary interface a library has; throws why it cannot be used */
  interfaceOf(path: string): "open-mpi" | "mpich" | "standard";
  open(
    path: string,
  ): Promise<{ rank: number; size: number; library: string; interface: "open-mpi" | "mpich" | "standard" }>;
  /** Both arrays belong to the addon until the promise is settled. */
  collective(kind: number, argument: number, received: NumberArray, sent: NumberArray): Promise<unknown>;
  abort(status: number): never;
  close(): Promise<unknown>;
}

/** Collectives by their numbers in native/addon.cc. */
export const KINDS = { broadcast: 0, allReduce: 1, allGather: 2, allToAll: 3, barrier: 4 } as const;

/**
 * The addon, from beside the bundle or, where a source file runs, from the package's dist/.
 * @throws Error if it was not built for this machine, with the reason
 */
export function loadAddon(): Addon {
  const here = dirname(fileURLToPath(import.meta.url));
  const folder =
    [here, join(here, "..", "dist")].find((candidate) => existsSync(join(candidate, "addon.json"))) ?? here;
  const name = `mpi-collectives-${process.platform}-${process.arch}.node`;
  if (!existsSync(join(folder, name))) throw new Error(`openMpi: the addon was not built: ${reasonIn(folder, name)}`);
  return createRequire(import.meta.url)(join(folder, name)) as Addon;
}

function reasonIn(folder: string, name: string): string {
  try {
    return JSON.parse(readFileSync(join(folder, "addon.json"), "utf8")).reason ?? `${name} is not in the package`;
  } catch {
    return `${name} is not in the package`;
  }
}
