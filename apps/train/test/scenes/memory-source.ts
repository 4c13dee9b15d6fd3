import { seededRandom } from "test-support";
import type { DataSource } from "../../src/frames/data-source.js";
import type { Frame } from "../../src/frames/frame.js";
import { framesOf } from "../../src/frames/frame-lists.js";

/** Names that no KITTI folder has. */
export const MEMORY_IDS = ["hall 1/north", "hall 1/south", "Übergang"];
export const ROBOT = "Robot";

/** Scans around the scanner, a robot ahead and another behind in each; no camera, no files. */
export function memorySource(): DataSource {
  const rng = seededRandom(9);
  const frames = new Map(MEMORY_IDS.map((id, i) => [id, makeFrame(id, 8 + 6 * i, rng)]));
  const read = async (id: string): Promise<Frame> => {
    const frame = frames.get(id);
    if (frame === undefined) throw new Error(`memory: expected one of ${MEMORY_IDS.join(", ")}, got ${id}`);
    return frame;
  };
  return {
    root: "memory",
    options: {},
    requireLabels: () => {},
    ids: MEMORY_IDS,
    part(name) {
      if (name === "all") return framesOf(name, MEMORY_IDS);
      if (name === "south") return framesOf(name, [MEMORY_IDS[1]]);
      throw new Error("expected all or south");
    },
    require: async (ids) => {
      for (const id of ids) await read(id);
    },
    read,
    readImage: async (id) => {
      throw new Error(`memory: ${id} has no image`);
    },
    examine: read,
    files: () => new Map(),
    describe: () => ({ name: "Memory", simulated: true, description: "three scans." }),
  };
}

function makeFrame(id: string, x: number, rng: () => number): Frame {
  const ground = Array.from({ length: 600 }, () => [40 * rng() - 20, 20 * rng() - 10, -1.7, 0.1]);
  const ahead = Array.from({ length: 80 }, () => [x + 3 * (rng() - 0.5), rng() - 0.5, -1 + rng(), 0.9]);
  const box = (at: number) => Float64Array.of(at, 0, -0.9, 4, 1.7, 1.6, 0.1);
  return {
    id,
    points: Float32Array.from([...ground, ...ahead].flat()),
    objects: [x, -x].map((at) => ({ type: ROBOT, box: box(at) })),
  };
}
