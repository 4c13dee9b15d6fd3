import { setTimeout as delay } from "node:timers/promises";
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
  if (comm.rank === 0)
    process.stderr.write(`${counted(comm.size, "rank")} of ${comm.library.split(/[,\n]/)[0].trim()}\n`);
  try {
    const status = await work(comm);
    await comm.close();
    return status;
  } catch (error) {
    process.stderr.write(`rank ${comm.rank} of ${comm.size}: ${(error as Error).message}\n`);
    if (comm.rank > 0) await delay(GRACE);
    return comm.abort(1);
  }
}

/** Does work on the first rank, then on the others: what the first leaves behind is there for them. */
export async function rankByRank<T>(comm: Communicator | undefined, work: () => Promise<T>): Promise<T> {
  if (comm === undefined) return work();
  if (comm.rank > 0) await comm.barrier();
  const done = await work();
  if (comm.rank === 0) await comm.barrier();
  return done;
}
