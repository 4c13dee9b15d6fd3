// `[mpirun -n 2] node scripts/measure-ranks.mjs [--numbers 543400] [--shards 2] [--seconds 5]`: times what ranks exchange in a step, without
// the passes (after a build). Prints one line of JSON: least and median milliseconds of the exact form, of the MPI library's own all-reduce of one
// vector, and of a barrier; of one rank alone the least of processor time, too, which other work on the machine does not stretch.
// `perNumber` of scripts/scale/measured.json is that by (2·shards + 1)·numbers.
import { parseArgs } from "node:util";
import { averageInOrder } from "../apps/train/dist/step.js";
import { launchOf, openMpi, singleRank } from "../packages/mpi-collectives/dist/index.js";

const { values } = parseArgs({
  options: {
    numbers: { type: "string", default: "543400" },
    shards: { type: "string" },
    seconds: { type: "string", default: "5" },
  },
});
const comm = launchOf() ? await openMpi() : singleRank();
const { rank, size: ranks } = comm;
const numbers = Number(values.numbers);
const shards = Number(values.shards ?? ranks);

const own = Array.from({ length: Math.ceil(shards / ranks) }, (_, slot) =>
  new Float32Array(numbers).fill(rank + slot * ranks),
);
const mean = await averageInOrder(own, shards, comm);
if (mean.some((value) => value !== (shards - 1) / 2)) throw new Error("expected the mean of the shards");

const results = {
  exact: await time(() => averageInOrder(own, shards, comm)),
  allReduce: await time(() => comm.allReduce(own[0])),
  barrier: await time(() => comm.barrier()),
};
if (rank === 0) console.log(JSON.stringify({ library: comm.library, ranks, shards, numbers, ...results }));
await comm.close();

/** Of all ranks together, each try begun together; rank 0 says when it is enough. */
async function time(work) {
  const [milliseconds, processor] = [[], []];
  const until = performance.now() + 1000 * Number(values.seconds);
  for (;;) {
    const [more] = await comm.broadcast(Int32Array.of(performance.now() < until || milliseconds.length < 5 ? 1 : 0));
    if (more === 0) break;
    await comm.barrier();
    const [started, before] = [performance.now(), process.cpuUsage()];
    await work();
    milliseconds.push(performance.now() - started);
    const { user, system } = process.cpuUsage(before);
    processor.push((user + system) / 1000);
  }
  milliseconds.sort((a, b) => a - b);
  return {
    least: milliseconds[0],
    median: milliseconds[milliseconds.length >> 1],
    tries: milliseconds.length,
    ...(ranks === 1 && { processor: Math.min(...processor) }),
  };
}
