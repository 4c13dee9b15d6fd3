import type { Arrays } from "./kernel-bench.js";

/** Values that longer arrays repeat: drawing hundreds of millions of them would take longer than all measurements. */
const POOL = 2 ** 16;

/** Arrays that are the same for the same seed and the same order of calls, made by `create`. */
export function randomArrays(seed: number, create: (length: number) => Float32Array): Arrays {
  let state = seed >>> 0;
  const pool = Float32Array.from({ length: POOL }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes' generator; the high bits are good enough
    return state / 2 ** 31 - 1;
  });
  let offset = 0;
  return {
    random(length) {
      const out = create(length);
      offset = (offset + 7919) % POOL;
      out.set(pool.subarray(offset, offset + Math.min(length, POOL - offset)));
      for (let at = POOL - offset; at < length; at += POOL) out.set(pool.subarray(0, Math.min(POOL, length - at)), at);
      return out;
    },
    zeros: create,
  };
}
