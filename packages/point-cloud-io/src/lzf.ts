/**
 * The inverse of Marc Lehmann's LZF, which binary_compressed PCD files are packed with: a byte below 32 is followed by so many and
 * one more bytes as they are, another one by a copy of 3 to 264 bytes from up to 8192 before.
 * @param size of the result, which takes that memory
 * @throws RangeError saying at which byte of the packed ones, if they end too early, reach before the beginning or make more
 *   or fewer than `size`
 */
export function unpackLzf(packed: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  let from = 0;
  let to = 0;
  while (from < packed.length) {
    const at = from;
    const control = packed[from++];
    if (control < 32) {
      const length = control + 1;
      if (from + length > packed.length) throw faulty(at, `${length} bytes to copy`, `${packed.length - from}`);
      if (to + length > size) throw faulty(at, `${size} bytes at most`, "more");
      out.set(packed.subarray(from, from + length), to);
      from += length;
      to += length;
      continue;
    }
    let length = control >> 5;
    if (length === 7) length += from < packed.length ? packed[from++] : Number.NaN;
    const back = ((control & 31) << 8) + (from < packed.length ? packed[from++] : Number.NaN) + 1;
    length += 2;
    if (!(length + back > 0)) throw faulty(at, "a length and a distance", "the end");
    if (back > to) throw faulty(at, `a distance of at most ${to}`, `${back}`);
    if (to + length > size) throw faulty(at, `${size} bytes at most`, "more");
    // Byte by byte: the copy may overlap what it makes.
    for (let i = 0; i < length; i++, to++) out[to] = out[to - back];
  }
  if (to !== size) throw faulty(from, `${size} bytes`, `${to}`);
  return out;
}

/** How many bytes a packed one may become: three make 264. */
export const MOST_LZF_GROWTH = 88;

function faulty(at: number, expected: string, got: string): RangeError {
  return new RangeError(`packed byte ${at}: expected ${expected}, got ${got}`);
}
