import { type Communicator, checkArray, checkReduction, checkRoot, type NumberArray } from "./communicator.js";

/** A job of one rank without any MPI library: the same program runs alone. */
export function singleRank(): Communicator {
  let closed = false;
  const copy = <T extends NumberArray>(call: string, values: T): T => {
    checkArray(call, values);
    if (closed) throw new Error(`${call}: the communicator is closed`);
    // Not the array's own `slice`: that of a Buffer does not copy.
    return Uint8Array.prototype.slice.call(values) as NumberArray as T;
  };
  return {
    rank: 0,
    size: 1,
    library: "none",
    interface: "none",
    async broadcast(values, root = 0) {
      checkRoot(root, 1);
      return copy("broadcast", values);
    },
    async allReduce(values, reduction = "sum") {
      checkReduction(reduction);
      return copy("allReduce", values);
    },
    allGather: async (values) => copy("allGather", values),
    allToAll: async (values) => copy("allToAll", values),
    async barrier() {
      copy("barrier", new Int8Array(0));
    },
    abort: (status = 1) => process.exit(status),
    async close() {
      copy("close", new Int8Array(0));
      closed = true;
    },
  };
}
