import { expectClose, randomFloats, seededRandom } from "test-support";
import { expect, it } from "vitest";
import { guarded, guardedCopy } from "./arrays.js";
import { describeLayers } from "./layers.js";

// Just below, at and above a vector, and the 12 vectors that a task of the chain holds, of every instruction set.
const lengths = [0, 1, 3, 4, 5, 15, 16, 17, 47, 48, 49, 95, 96, 97, 191, 192, 193, 1000];

describeLayers("peak", (kernels) => {
  it("multiplyAddChain by hand: 8 → 4.5 → 2.75 → 1.875", () => {
    for (const [rounds, expected] of [
      [0, 8],
      [1, 4.5],
      [2, 2.75],
      [3, 1.875],
    ]) {
      const values = new Float32Array(100).fill(8);
      kernels.multiplyAddChain(values, { rounds, factor: 0.5, addend: 0.5 });
      expect(values).toEqual(new Float32Array(100).fill(expected));
    }
  });

  it("multiplyAddChain is fⁿ·v + a·(1 + f + … + fⁿ⁻¹), at every length, and touches nothing else", () => {
    const rng = seededRandom(18);
    for (const length of lengths) {
      const start = randomFloats(rng, length);
      const values = guardedCopy(start);
      kernels.multiplyAddChain(values.array, { rounds: 7, factor: -0.75, addend: 0.3 });
      values.check("multiplyAddChain");
      const expected = Float64Array.from(start, (v) => v * (-0.75) ** 7 + (0.3 * (1 - (-0.75) ** 7)) / 1.75);
      // Rounding of 7 steps whose values stay below 1.3, each carried on with a factor below 1.
      expectClose(values.array, expected, { relative: 0, absolute: 7 * 2 ** -23, label: `length ${length}` });
    }
  });

  it("copy copies every bit, from and to any address, at every length, and nothing else", () => {
    const rng = seededRandom(19);
    for (const length of [...lengths, 65535, 65536, 65537, 200_000])
      for (const offset of [0, 1, 3]) {
        const x = randomFloats(rng, length + offset).subarray(offset);
        if (length > 2) x.set([Number.NaN, -0, 2 ** -140]);
        const out = guarded(length + (3 - offset));
        kernels.copy(x, out.array.subarray(3 - offset));
        out.check("copy");
        const got = Buffer.from(out.array.buffer, out.array.byteOffset + 4 * (3 - offset), 4 * length);
        const same = got.equals(Buffer.from(x.buffer, x.byteOffset, 4 * length));
        expect(same, `length ${length}, offset ${offset}`).toBe(true);
      }
  });

  it("refuses what cannot be", () => {
    const values = new Float32Array(8);
    expect(() => kernels.multiplyAddChain(values, { rounds: 1.5, factor: 1, addend: 0 })).toThrow(
      "multiplyAddChain: expected an integer of at least 0 for rounds, got 1.5",
    );
    expect(() => kernels.copy(values, new Float32Array(7))).toThrow("copy: expected 8 entries [8] for out, got 7");
    expect(() => kernels.copy(values.subarray(0, 4), values.subarray(2, 6))).toThrow(
      "copy: expected an output apart from its inputs, got overlapping arrays",
    );
  });
});
