import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadAddon } from "addon-compiler/load";
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
 * The addon: this package's own build, from beside the bundle or, where a source file runs, from dist/; else the one in the package
 * for this platform.
 * @throws Error with the reasons if there is none for this machine
 */
export function openAddon(): Addon {
  const here = dirname(fileURLToPath(import.meta.url));
  const folder =
    [here, join(here, "..", "dist")].find((candidate) => existsSync(join(candidate, "addon.json"))) ?? here;
  const whyMissing = (file: string) => reasonIn(folder, file);
  try {
    return loadAddon({ name: "mpi-collectives", from: import.meta.url, folder, whyMissing }) as Addon;
  } catch (error) {
    throw new Error(`openMpi: the addon is not there: ${(error as Error).message}`, { cause: error });
  }
}

function reasonIn(folder: string, name: string): string {
  try {
    return JSON.parse(readFileSync(join(folder, "addon.json"), "utf8")).reason ?? `${name} is not in the package`;
  } catch {
    return `${name} is not in the package`;
  }
}
