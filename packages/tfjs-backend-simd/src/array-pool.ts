/** Smaller arrays are left to the garbage collector: making one costs less than looking for one. */
const SMALLEST = 4096;

/** Buffers come in sizes of 2^k/8 steps: one that was made for a cloud of points fits the next cloud, 1/8 at most unused. */
const STEPS_PER_DOUBLING = 8;

/** Free bytes are given up when they would bring the total above this multiple of the most that was ever in use. */
const SLACK = 1.25;

/** What a pool holds. */
export interface PoolUse {
  /** bytes of buffers that tensors are using */
  readonly inUse: number;
  /** bytes that wait to be used again */
  readonly free: number;
}

/**
 * Reuses the memory of freed tensors. A fresh array costs a page fault per 4 KiB and a share of garbage collection, which
 * in a training step is more than the arithmetic on it.
 *
 * A buffer belongs to the pool from `take` on. Tensors that share one are counted, and the last release frees it. A
 * buffer whose array was handed to somebody who may keep it is forgotten: it is never used again.
 */
export class ArrayPool {
  /** Tensors per buffer of the pool. Weak: an array whose kernel failed is collected like any other. */
  readonly #users = new WeakMap<ArrayBufferLike, number>();
  /** Free buffers by size, the most recently freed last. */
  readonly #free = new Map<number, ArrayBuffer[]>();
  #inUse = 0;
  #mostInUse = 0;
  #freeBytes = 0;

  /** Bytes in use and free. */
  get use(): PoolUse {
    return { inUse: this.#inUse, free: this.#freeBytes };
  }

  /** An array of `length` entries of **any** value: the caller writes them all. */
  take(length: number): Float32Array {
    if (length < SMALLEST) return new Float32Array(length);
    const bytes = sizeClass(4 * length);
    let buffer = this.#free.get(bytes)?.pop();
    if (buffer) this.#freeBytes -= bytes;
    else buffer = new ArrayBuffer(bytes);
    this.#users.set(buffer, 0);
    this.#inUse += bytes;
    this.#mostInUse = Math.max(this.#mostInUse, this.#inUse);
    return new Float32Array(buffer, 0, length);
  }

  /** One more tensor holds these values (or a part of them). */
  retain(values: ArrayBufferView): void {
    const users = this.#users.get(values.buffer);
    if (users !== undefined) this.#users.set(values.buffer, users + 1);
  }

  /** One tensor less holds them. */
  release(values: ArrayBufferView): void {
    const buffer = values.buffer as ArrayBuffer;
    const users = this.#users.get(buffer);
    if (users === undefined) return;
    if (users > 1) {
      this.#users.set(buffer, users - 1);
      return;
    }
    this.forget(values);
    const bytes = buffer.byteLength;
    const list = this.#free.get(bytes);
    if (list) list.push(buffer);
    else this.#free.set(bytes, [buffer]);
    this.#freeBytes += bytes;
    this.#trim();
  }

  /** Somebody outside may keep these values: leave their buffer to the garbage collector. */
  forget(values: ArrayBufferView): void {
    if (this.#users.delete(values.buffer)) this.#inUse -= values.buffer.byteLength;
  }

  /** Gives up all free buffers. */
  clear(): void {
    this.#free.clear();
    this.#freeBytes = 0;
  }

  /** Drops free buffers, first those of the size freed longest ago, until the total is within bounds. */
  #trim(): void {
    for (const [bytes, buffers] of this.#free) {
      while (this.#inUse + this.#freeBytes > SLACK * this.#mostInUse) {
        if (buffers.shift() === undefined) break;
        this.#freeBytes -= bytes;
      }
      if (buffers.length === 0) this.#free.delete(bytes);
    }
  }
}

function sizeClass(bytes: number): number {
  const step = Math.max(64, 2 ** Math.floor(Math.log2(bytes)) / STEPS_PER_DOUBLING);
  return Math.ceil(bytes / step) * step;
}
