import type { Addon } from "./addon.js";
import type { Launch } from "./launch.js";

/** Names under which the dynamic linker knows MPI libraries, the standard interface first. */
const NAMES =
  process.platform === "darwin"
    ? ["libmpi_abi.1.dylib", "libmpi_abi.dylib", "libmpi.40.dylib", "libmpi.12.dylib", "libmpi.dylib"]
    : [
        "libmpi_abi.so.1",
        "libmpi_abi.so.0",
        "libmpi_abi.so",
        "libmpi.so.40", // Open MPI
        "libmpich.so.12", // MPICH as Debian names it
        "libmpi.so.12", // MPICH, Intel MPI, MVAPICH
        "libmpi_cray.so.12",
        "libmpi.so",
      ];

/**
 * The library that fits the launcher: under Open MPI's `mpirun` one with MPICH's interface is passed over, under one that speaks
 * PMI one with Open MPI's comes last. The interface is told by what a library exports.
 * @param named path or name, the only one tried
 * @throws Error that names what was tried and why each could not be used
 */
export function findLibrary(addon: Pick<Addon, "interfaceOf">, launch: Launch | undefined, named?: string): string {
  const tried: string[] = [];
  const later: string[] = [];
  for (const name of named ? [named] : NAMES) {
    try {
      const found = addon.interfaceOf(name);
      if (named || fits(found, launch)) return name;
      later.push(name);
    } catch (error) {
      tried.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (later.length > 0) return later[0];
  const advice = named
    ? "MPI_COLLECTIVES_LIBRARY names the library"
    : "load the cluster's MPI module, or name the library in MPI_COLLECTIVES_LIBRARY";
  throw new Error(`openMpi: expected an MPI library (${tried.join("; ")}); ${advice}`);
}

function fits(found: ReturnType<Addon["interfaceOf"]>, launch: Launch | undefined): boolean {
  if (launch?.launcher === "open-mpi") return found === "open-mpi";
  if (launch?.launcher === "pmi") return found !== "open-mpi";
  return true;
}
