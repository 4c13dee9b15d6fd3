/** Smaller arrays are left to the garbage collector: making one costs less than looking for one. */
const SMALLEST = 4096;

/** Arrays come in lengths of 2^k/8 steps: one that was made for a cloud of points fits the next cloud, 1/8 at most unused. */
const STEPS_PER_DOUBLING = 8;

/**
 * Free bytes up to here are kept: the layers of one frame take arrays of many lengths in turn, each of which was in use with few others.
 * A pool that gave them up made half of the arrays of every frame anew, 12 000 pages, and a pass of SECOND's 2D part took 1.3 times as
 * long (two EPYC cores, 2026-11-30).
 */
const KEPT = 2 ** 28;

/** Those above that are given up when they would bring the total above this multiple of the most that was ever in use. */
const SLACK = 1.5;

/** What a pool holds. */
export interface PoolUse {
  /** bytes of arrays that tensors are using */
  readonly inUse: number;
  /** bytes that wait to be used again */
  readonly free: number;
}

/** An array of the pool, as long as its size class, and how many tensors hold a part of it. */
interface Pooled {
  readonly whole: Float32Array;
  users: number;
}

/**
 * Reuses the memory of freed tensors. A fresh array costs a page fault per 4 KiB and a share of garbage collection, which
 * in a training step is more than the arithmetic on it.
 *
 * An array belongs to the pool from `take` on. Tensors that share one are counted, and the last release frees it. One that
 * was handed to somebody who may keep it is forgotten: it is never used again.
 */
export class ArrayPool {
  /** Those that are out, by their buffers. Weak: an array whose kernel failed is collected like any other. */
  readonly #out = new WeakMap<ArrayBufferLike, Pooled>();
  /** Free arrays by length, the most recently freed last. */
  readonly #free = new Map<number, Float32Array[]>();
  #inUse = 0;
  #mostInUse = 0;
  #freeBytes = 0;

  /** @param create makes an array, of a buffer of its own */
  constructor(private readonly create: (length: number) => Float32Array) {}

  /** Bytes in use and free. */
  get use(): PoolUse {
    return { inUse: this.#inUse, free: this.#freeBytes };
  }

  /** An array of `length` entries of **any** value: the caller writes them all. */
  take(length: number): Float32Array {
    if (length < SMALLEST) return new Float32Array(length);
    const room = sizeClass(length);
    let whole = this.#free.get(room)?.pop();
    if (whole) this.#freeBytes -= whole.byteLength;
    else whole = this.create(room);
    this.#out.set(whole.buffer, { whole, users: 0 });
    this.#inUse += whole.byteLength;
    this.#mostInUse = Math.max(this.#mostInUse, this.#inUse);
    return whole.subarray(0, length);
  }

  /** One more tensor holds these values (or a part of them). */
  retain(values: ArrayBufferView): void {
    const pooled = this.#out.get(values.buffer);
    if (pooled) pooled.users++;
  }

  /** One tensor less holds them. */
  release(values: ArrayBufferView): void {
    const pooled = this.#out.get(values.buffer);
    if (!pooled) return;
    pooled.users--;
    if (pooled.users > 0) return;
    this.forget(values);
    const { whole } = pooled;
    const list = this.#free.get(whole.length);
    if (list) list.push(whole);
    else this.#free.set(whole.length, [whole]);
    this.#freeBytes += whole.byteLength;
    this.#trim();
  }

  /** Somebody outside may keep these values: leave their array to the garbage collector. */
  forget(values: ArrayBufferView): void {
    const pooled = this.#out.get(values.buffer);
    if (!pooled) return;
    this.#out.delete(values.buffer);
    this.#inUse -= pooled.whole.byteLength;
  }

  /** Gives up all free arrays. */
  clear(): void {
    this.#free.clear();
    this.#freeBytes = 0;
  }

  /** Drops free arrays, first those of the length freed longest ago, until the total is within bounds. */
  #trim(): void {
    for (const [length, arrays] of this.#free) {
      while (this.#freeBytes > KEPT && this.#inUse + this.#freeBytes > SLACK * this.#mostInUse) {
        const dropped = arrays.shift();
        if (!dropped) break;
        this.#freeBytes -= dropped.byteLength;
      }
      if (arrays.length === 0) this.#free.delete(length);
    }
  }
}

function sizeClass(length: number): number {
  const step = 2 ** Math.floor(Math.log2(length)) / STEPS_PER_DOUBLING;
  return Math.ceil(length / step) * step;
}
