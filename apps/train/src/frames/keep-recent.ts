import { LRUCache } from "lru-cache";
import { buffersOf } from "../system/buffers.js";

/** Memory for what is kept, in bytes: some 600 full-size frames, so that a small set is read once. */
const MEMORY = 256 * 2 ** 20;

/** What `load` gives for each frame, 256 MiB of it at most, that used last: to be read, not written. */
export function keepRecent<T extends object>(load: (id: string) => Promise<T>): (id: string) => Promise<T> {
  const kept = new LRUCache<string, T>({ maxSize: MEMORY, sizeCalculation: bytesOf });
  return async (id) => {
    const held = kept.get(id);
    if (held !== undefined) return held;
    const loaded = await load(id);
    kept.set(id, loaded);
    return loaded;
  };
}

function bytesOf(value: object): number {
  let bytes = 1;
  for (const buffer of buffersOf(value)) bytes += buffer.byteLength;
  return bytes;
}
