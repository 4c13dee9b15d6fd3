export { goldenPath, readNpy, skipNote } from "./golden-data.js";
export { seededRandom } from "./seeded-random.js";
