export { backendSkipNote, backendWanted, quickBackendTests } from "./backends.js";
export { goldenPath, readNpy, skipNote } from "./golden-data.js";
export { seededRandom } from "./seeded-random.js";
