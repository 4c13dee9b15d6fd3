import { availableParallelism, cpus } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { printable } from "checked-text";
import { type Communicator, launchOf, openMpi } from "mpi-collectives";
import { counted } from "./counted.js";

/** In which a rank that writes has kept what it can before another ends all, in milliseconds. */
const GRACE = 3000;

/**
 * Does the work with the ranks that `mpirun` or `srun` has started; without a launcher alone. A rank that fails ends all.
 * @param work gets no communicator where no launcher is
 */
export async function withRanks(work: (comm: Communicator | undefined) => Promise<number>): Promise<number> {
  const launch = launchOf();
  if (launch === undefined) return work(undefined);
  const comm = await openMpi();
  if (comm.rank === 0) {
    const processors = { own: availableParallelism(), all: cpus().length };
    process.stderr.write(`${counted(comm.size, "rank")} of ${comm.library.split(/[,\n]/)[0].trim()}\n`);
    process.stderr.write(bindingNote(comm.size, processors));
  }
  try {
    const status = await work(comm);
    await comm.close();
    return status;
  } catch (error) {
    process.stderr.write(`rank ${comm.rank} of ${comm.size}: ${printable((error as Error).message)}\n`);
    if (comm.rank > 0) await delay(GRACE);
    return comm.abort(1);
  }
}

/**
 * What to say of ranks that their launcher keeps on fewer processors than there are for them, as Open MPI does by itself: each on one,
 * which its threads then share. A rank that was so bound took 2.8 times as long for a step as one that was not.
 * @param processors that this rank may use, and of its machine
 */
export function bindingNote(ranks: number, { own, all }: { readonly own: number; readonly all: number }): string {
  if (own * ranks >= all) return "";
  return `  each is bound to ${own} of ${counted(all, "processor")}: \`mpirun --bind-to none\`, or \`--map-by slot:PE=${Math.floor(all / ranks)}\` (srun: \`--cpus-per-task\`), gives it more\n`;
}

/** Does work on the first rank, then on the others: what the first leaves behind is there for them. */
export async function rankByRank<T>(comm: Communicator | undefined, work: () => Promise<T>): Promise<T> {
  if (comm === undefined) return work();
  if (comm.rank > 0) await comm.barrier();
  const done = await work();
  if (comm.rank === 0) await comm.barrier();
  return done;
}
