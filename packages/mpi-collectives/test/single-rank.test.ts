import { describe, expect, it } from "vitest";
import { arrayLike } from "../src/communicator.js";
import { singleRank } from "../src/index.js";

describe("what one rank gives back", () => {
  it("is a copy of a Buffer too, whose slice is a view", async () => {
    const mpi = singleRank();
    const values = Buffer.from([1, 2, 3]);
    const joined = await mpi.allGather(values);
    expect([...joined]).toEqual([1, 2, 3]);
    values[0] = 9;
    expect(joined[0]).toBe(1);
  });

  it.each([Int8Array, Uint8ClampedArray, Int32Array, Float64Array])("is of the kind that it took: %o", async (Kind) => {
    const joined = await singleRank().allReduce(Kind.of(3, 4));
    expect(joined).toBeInstanceOf(Kind);
    expect([...joined]).toEqual([3, 4]);
  });

  it("is of 64-bit integers where those came", async () => {
    expect(await singleRank().allToAll(BigInt64Array.of(5n, -6n))).toEqual(BigInt64Array.of(5n, -6n));
  });
});

describe("a new array like another", () => {
  it.each([Buffer.alloc(2), Int32Array.of(1), BigUint64Array.of(1n)])("is of its kind: %o", (values) => {
    const made = arrayLike(values, 3);
    expect(Object.getPrototypeOf(made)).toBe(Object.getPrototypeOf(values));
    expect([...made].map(Number)).toEqual([0, 0, 0]);
    expect(made.buffer).not.toBe(values.buffer);
  });

  it("is made as slice makes one, not by the array's own constructor: that of a Buffer is deprecated", () => {
    class Deprecated extends Uint8Array {
      static get [Symbol.species]() {
        return Uint8Array;
      }
    }
    expect(arrayLike(new Deprecated(2), 3)).not.toBeInstanceOf(Deprecated);
  });
});
