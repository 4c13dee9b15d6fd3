import type { PackedBytes } from "./explanation-data.js";

/** The inverse of `packBytes`, to limit/254: numbers as shares of the limit, −1 to 1. Runs in browsers too. */
export function unpackShares({ bytes }: PackedBytes): Float32Array {
  return Float32Array.from(atob(bytes), (letter) => ((letter.charCodeAt(0) << 24) >> 24) / 127);
}
