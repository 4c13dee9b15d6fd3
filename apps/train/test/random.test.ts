import { describe, expect, it } from "vitest";
import { randomStream, shuffledIndices } from "../src/system/random.js";

describe("randomStream", () => {
  it("gives the same numbers for the same seed and purpose, others otherwise", () => {
    const draw = (seed: number, purpose: string) => randomStream(seed, purpose)();
    expect(draw(0, "order")).toBe(draw(0, "order"));
    expect(draw(0, "order")).not.toBe(draw(1, "order"));
    expect(draw(0, "order")).not.toBe(draw(0, "weights"));
  });
});

describe("shuffledIndices", () => {
  it("holds every index once", () => {
    for (const count of [0, 1, 2, 17]) {
      const order = shuffledIndices(count, randomStream(3, "test"));
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
    }
  });

  it("reaches every order of three about equally often", () => {
    const counts = new Map<string, number>();
    const rng = randomStream(5, "test");
    for (let trial = 0; trial < 6000; trial += 1) {
      const key = shuffledIndices(3, rng).join("");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // 1000 expected, standard deviation 29: six of them either way
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(180);
  });
});
