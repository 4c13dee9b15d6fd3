import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { noiseProtocols } from "../src/experiment/noise.js";

const count = 4000;
const rng = seededRandom(7);
const points = Float32Array.from({ length: 4 * count }, (_, i) => (i % 4 === 3 ? rng() : 40 * rng()));
const protocol = (name: string) => noiseProtocols.find((each) => each.name === name)!;
const moved = (noisy: Float32Array) => points.map((value, i) => noisy[i] - value);
const deviation = (values: ArrayLike<number>) =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0) / values.length);

describe("noise", () => {
  it("clean is the scan itself", () => {
    expect(protocol("clean").apply(points, rng)).toBe(points);
  });

  it("gauss moves every number by a standard normal one", () => {
    const change = moved(protocol("gauss").apply(points, seededRandom(1)));
    expect(deviation(change)).toBeCloseTo(1, 1); // ± 1/√(2·16000), 0.006
    expect(change.filter((value) => value === 0).length).toBe(0);
  });

  it("gauss 30 % leaves the other points alone", () => {
    const change = moved(protocol("gauss 30 %").apply(points, seededRandom(2)));
    const touched = Array.from({ length: count }, (_, i) => change.subarray(4 * i, 4 * i + 4).some((v) => v !== 0));
    const share = touched.filter(Boolean).length / count;
    expect(Math.abs(share - 0.3)).toBeLessThan(0.03); // four deviations of √(0.3·0.7/4000)
  });

  it("the mixture removes and adds 3 % and moves the rest by 8 cm at most", () => {
    const noisy = protocol("mixture").apply(points, seededRandom(3));
    const added = Math.round(0.03 * count);
    const rest = noisy.length / 4 - added;
    expect(Math.abs(rest / count - 0.97)).toBeLessThan(0.011); // four deviations of √(0.03·0.97/4000)
    const salt = noisy.subarray(4 * rest);
    for (let i = 3; i < salt.length; i += 4) expect(salt[i]).toBe(0);
    // Intensities stay, so they find each remaining point again.
    const places = new Map(Array.from({ length: count }, (_, i) => [points[4 * i + 3], i]));
    const shifts: number[] = [];
    for (let i = 0; i < rest; i++) {
      const from = places.get(noisy[4 * i + 3])!;
      for (let c = 0; c < 3; c++) shifts.push(noisy[4 * i + c] - points[4 * from + c]);
    }
    expect(Math.max(...shifts.map(Math.abs))).toBeLessThan(0.08 + 1e-5); // float32 at 40 m
    expect(deviation(shifts)).toBeCloseTo(0.02, 3);
  });

  it.each(noiseProtocols.map(({ name }) => name))(
    "%s: the same seed gives the same scan, and the scan given stays",
    (name) => {
      const before = points.slice();
      const [a, b] = [0, 1].map(() => protocol(name).apply(points, seededRandom(4)));
      expect(a).toEqual(b);
      expect(points).toEqual(before);
      expect(protocol(name).apply(new Float32Array(0), seededRandom(5)).length).toBe(0);
    },
  );
});
