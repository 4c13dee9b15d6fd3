import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { sceneExtent } from "../browser/scene/scene-extent.js";

/** A plane of points at a height, with a wall on it, and one point far out. */
function scan({ height, from, to }: { height: number; from: number; to: number }) {
  const rng = seededRandom(1);
  const positions = Float32Array.from({ length: 3 * 20_000 }, (_, i) => {
    if (i < 3) return 900;
    if (i % 3 === 2) return height + (i % 4 === 0 ? 3 * rng() : 0);
    return i % 3 === 0 ? from + (to - from) * rng() : 40 * rng() - 20;
  });
  return { positions, intensities: new Float32Array(20_000).fill(0.4) };
}

describe("sceneExtent", () => {
  it("finds the road at any height, and no point far out", () => {
    for (const height of [-1.73, 0, 2]) {
      const { ground, reach, x, y } = sceneExtent(scan({ height, from: 0, to: 40 }));
      expect(ground).toBeCloseTo(height, 5);
      expect(reach).toBeGreaterThan(35);
      expect(reach).toBeLessThan(46);
      expect(x[1]).toBeLessThan(40.01);
      expect(y[0]).toBeCloseTo(-20 + 0.02 * 40, 0);
    }
  });

  it("knows a scan all round from one ahead", () => {
    expect(sceneExtent(scan({ height: 0, from: 0, to: 40 })).allRound).toBe(false);
    expect(sceneExtent(scan({ height: 0, from: -40, to: 40 })).allRound).toBe(true);
  });

  it("does with no point and with one", () => {
    const empty = { positions: new Float32Array(0), intensities: new Float32Array(0) };
    expect(sceneExtent(empty)).toMatchObject({ ground: -1.73, allRound: false });
    const one = { positions: Float32Array.of(3, 4, -1), intensities: Float32Array.of(0.5) };
    expect(sceneExtent(one)).toMatchObject({ ground: -1, reach: 5, intensity: 0.5 });
  });
});
