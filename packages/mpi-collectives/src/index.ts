export type { Communicator, NumberArray, Reduction } from "./communicator.js";
export { type Launch, launchOf } from "./launch.js";
export { openMpi } from "./open-mpi.js";
export { singleRank } from "./single-rank.js";
