/**
 * Cells of a grid, a bit each: marking is one write, and the marked cells come out ascending without being sorted. A
 * second bitmap says which words of the first are not empty, so that listing does not read an empty grid.
 */
export class CellBitmap {
  readonly #words: Int32Array;
  readonly #groups: Int32Array;
  /** [words] marked cells before each word; set by `listInto` */
  readonly #before: Int32Array;

  constructor(cells: number) {
    const words = Math.ceil(cells / 32);
    this.#words = new Int32Array(words);
    this.#groups = new Int32Array(Math.ceil(words / 32));
    this.#before = new Int32Array(words);
  }

  markAll(cells: Int32Array): void {
    const words = this.#words;
    const groups = this.#groups;
    for (let i = 0; i < cells.length; i += 1) {
      const word = cells[i] >>> 5;
      words[word] |= 1 << (cells[i] & 31);
      groups[word >>> 5] |= 1 << (word & 31);
    }
  }

  /** Writes the marked cells, ascending; returns how many there are. */
  listInto(cells: Int32Array): number {
    const groups = this.#groups;
    const words = this.#words;
    const before = this.#before;
    let count = 0;
    for (let group = 0; group < groups.length; group += 1) {
      for (let left = groups[group]; left !== 0; left &= left - 1) {
        const word = 32 * group + lowestBit(left);
        before[word] = count;
        for (let bits = words[word]; bits !== 0; bits &= bits - 1) cells[count++] = 32 * word + lowestBit(bits);
      }
    }
    return count;
  }

  /** Writes over each of some marked cells its place in the list. */
  replaceByPlace(cells: Int32Array): void {
    const words = this.#words;
    const before = this.#before;
    for (let i = 0; i < cells.length; i += 1) {
      const word = cells[i] >>> 5;
      cells[i] = before[word] + bitCount(words[word] & ((1 << (cells[i] & 31)) - 1));
    }
  }
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Set bits of a 32-bit word: sums over 2, 4 and 8 bits side by side, then over the four bytes. */
function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
