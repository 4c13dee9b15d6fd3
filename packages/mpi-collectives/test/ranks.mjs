// A program of several ranks for the tests: says as one line of JSON what every collective gave on this rank.
import { openMpi } from "mpi-collectives";

const mpi = await openMpi();
const { rank, size } = mpi;
const kinds = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
];
const big = [BigInt64Array, BigUint64Array];
const plain = (values) => Array.from(values, String).join(",");

const sent = Float64Array.of(rank + 1, 10 * (rank + 1), 0.5);
const pending = mpi.allReduce(sent);
sent.fill(-1); // a copy was taken
const results = {
  rank,
  size,
  library: mpi.library,
  interface: mpi.interface,
  sum: plain(await pending),
  least: plain(await mpi.allReduce(Int32Array.of(rank, -rank), "min")),
  greatest: plain(await mpi.allReduce(Int32Array.of(rank, -rank), "max")),
  broadcast: plain(await mpi.broadcast(Float32Array.of(rank, 7 + rank), size - 1)),
  gathered: plain(await mpi.allGather(Uint16Array.of(rank, 100 + rank))),
  exchanged: plain(await mpi.allToAll(Int32Array.from({ length: size }, (_, to) => 10 * rank + to))),
  kinds: (await Promise.all(kinds.map((Kind) => mpi.allReduce(Kind.of(1, 2))))).map(plain).join(" "),
  big: (await Promise.all(big.map((Kind) => mpi.allReduce(Kind.of(2n ** 40n))))).map(plain).join(" "),
  nothing: plain(await mpi.allGather(new Float32Array(0))),
};
const long = new Float32Array(1_000_003).fill(rank + 1);
results.long = (await mpi.allReduce(long)).every((value) => value === (size * (size + 1)) / 2);
results.again = await openMpi().catch((error) => error.message.split(": ").pop());
await mpi.barrier();
await mpi.close();
results.afterwards = await mpi.barrier().catch((error) => error.message);
console.log(JSON.stringify(results));
