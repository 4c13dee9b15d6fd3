import { type Addon, KINDS, openAddon } from "./addon.js";
import {
  arrayLike,
  type Communicator,
  checkArray,
  checkBlocks,
  checkReduction,
  checkRoot,
  MOST_ELEMENTS,
  type NumberArray,
  REDUCTIONS,
} from "./communicator.js";
import { findLibrary } from "./find-library.js";
import { launchOf } from "./launch.js";

/**
 * Opens the machine's MPI library and joins the ranks of the job; once in a process.
 * `MPI_COLLECTIVES_LIBRARY` names a library other than the one that is found. `UCX_MEM_EVENTS` becomes `n` unless it is set: UCX, which many of
 * them speak by, else rewrites `mmap` and its like at the start, while Node's other threads may be in them, and the process then dies.
 * @throws Error (rejected) if there is no library, it does not start, or it does not belong to the launcher that started this process
 */
export async function openMpi(): Promise<Communicator> {
  process.env.UCX_MEM_EVENTS ??= "n"; // read when the first library that may be the right one is opened
  const addon = openAddon();
  const launch = launchOf();
  const path = findLibrary(addon, launch, process.env.MPI_COLLECTIVES_LIBRARY || undefined);
  const opened = await addon.open(path).catch((error) => {
    throw new Error(`openMpi: ${path}: ${error.message}`, { cause: error });
  });
  // A library that does not understand its launcher makes each process a job of its own, all of them rank 0.
  if (launch?.size !== undefined && launch.size !== opened.size) {
    await addon.close();
    throw new Error(
      `openMpi: the launcher started ${launch.size} ranks, but ${path} (${nameOf(opened.library)}) sees ${opened.size}; ` +
        "it belongs to another MPI: name the launcher's library in MPI_COLLECTIVES_LIBRARY",
    );
  }
  return communicator(addon, opened);
}

/** First line of what a library says of itself. */
function nameOf(library: string): string {
  return library.split("\n")[0].replace(/\t|\0/g, " ").trim();
}

function communicator(addon: Addon, opened: Awaited<ReturnType<Addon["open"]>>): Communicator {
  const { rank, size } = opened;
  const run = async <T extends NumberArray>(kind: keyof typeof KINDS, argument: number, received: T, sent: T) => {
    try {
      await addon.collective(KINDS[kind], argument, received, sent);
    } catch (cause) {
      throw new Error(`${kind}: ${(cause as Error).message}`, { cause });
    }
    return received;
  };
  return {
    rank,
    size,
    library: nameOf(opened.library),
    interface: opened.interface,
    async broadcast(values, root = 0) {
      checkArray("broadcast", values);
      checkRoot(root, size);
      const copy = copyOf(values);
      return run("broadcast", root, copy, copy);
    },
    async allReduce(values, reduction = "sum") {
      checkArray("allReduce", values);
      checkReduction(reduction);
      const copy = copyOf(values);
      return run("allReduce", REDUCTIONS.indexOf(reduction), copy, copy);
    },
    async allGather(values) {
      checkArray("allGather", values);
      if (values.length * size > MOST_ELEMENTS) {
        throw new RangeError(
          `allGather: expected at most ${MOST_ELEMENTS} elements of all ranks, got ${values.length} on each of ${size}`,
        );
      }
      return run("allGather", 0, arrayLike(values, values.length * size), copyOf(values));
    },
    async allToAll(values) {
      checkArray("allToAll", values);
      checkBlocks(values, size);
      return run("allToAll", 0, arrayLike(values, values.length), copyOf(values));
    },
    async barrier() {
      const nothing = new Int8Array(0);
      await run("barrier", 0, nothing, nothing);
    },
    abort: (status = 1) => addon.abort(status),
    async close() {
      await addon.close();
    },
  };
}

function copyOf<T extends NumberArray>(values: T): T {
  const copy = arrayLike(values, values.length);
  copy.set(values as never);
  return copy;
}
