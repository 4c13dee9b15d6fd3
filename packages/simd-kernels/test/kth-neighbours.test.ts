import { randomFloats, seededRandom } from "test-support";
import { expect, it } from "vitest";
import { describeLayers } from "./layers.js";

/** Every distance by its definition, fully sorted by (distance, index). */
function naiveNeighbour(x: ArrayLike<number>, samples: number, i: number, k: number): [index: number, radius: number] {
  const others = Array.from({ length: samples }, (_, j) => {
    let sum = 0;
    for (let at = 0; at < x.length; at += samples) sum += (x[at + i] - x[at + j]) ** 2;
    return { j, distance: Math.sqrt(sum) };
  }).filter(({ j, distance }) => j !== i && Number.isFinite(distance));
  others.sort((a, b) => a.distance - b.distance || a.j - b.j);
  return others.length < k ? [-1, Number.NaN] : [others[k - 1].j, others[k - 1].distance];
}

/** Float64 sums of the same terms in another order. */
const RELATIVE = 1e-13;

describeLayers("kthNeighbours", (kernels) => {
  /** Outputs stand between sentinels: an entry more or less would show. */
  const find = (x: Float32Array | Float64Array, images: number, samples: number, k: number) => {
    const count = images * samples;
    const [radii, neighbours] = [new Float64Array(count + 2).fill(-5), new Int32Array(count + 2).fill(-5)];
    const dims = x.length / count;
    const found = { radii: radii.subarray(1, count + 1), neighbours: neighbours.subarray(1, count + 1) };
    kernels.kthNeighbours(x, found, {
      images,
      dims,
      samples,
      k,
    });
    expect([radii[0], radii[count + 1], neighbours[0], neighbours[count + 1]]).toEqual([-5, -5, -5, -5]);
    return { radii: radii.subarray(1, count + 1), neighbours: neighbours.subarray(1, count + 1) };
  };
  const check = (x: Float32Array | Float64Array, images: number, samples: number, k: number) => {
    const { radii, neighbours } = find(x, images, samples, k);
    const length = x.length / images;
    for (let s = 0; s < images * samples; s++) {
      const image = Math.floor(s / samples);
      const own = x.subarray(image * length, (image + 1) * length);
      const [index, radius] = naiveNeighbour(own, samples, s % samples, k);
      expect(neighbours[s], `sample ${s}`).toBe(index);
      if (index < 0) expect(radii[s]).toBeNaN();
      else expect(Math.abs(radii[s] - radius)).toBeLessThanOrEqual(RELATIVE * radius);
    }
  };

  it("by hand: 0, 1, 3 and 7 on a line, in two images", () => {
    const { radii, neighbours } = find(Float32Array.of(0, 1, 3, 7, 7, 3, 1, 0), 2, 4, 1);
    expect([...radii]).toEqual([1, 1, 2, 4, 4, 2, 1, 1]);
    expect([...neighbours]).toEqual([1, 0, 1, 2, 1, 2, 3, 2]);
    expect([...find(Float32Array.of(0, 1, 3, 7), 1, 4, 3).neighbours]).toEqual([3, 3, 3, 0]);
  });

  for (const [images, dims, samples, k] of [
    [1, 1, 2, 1],
    [3, 31, 7, 6],
    [2, 32, 16, 3],
    [2, 33, 17, 1],
    [1, 127, 33, 4],
    [1, 128, 31, 3],
    [1, 129, 64, 6],
    [2, 1100, 20, 2],
    [1, 300, 130, 13],
    [5, 600, 40, 4], // images side by side on two threads, and one left over
  ])
    it(`measures ${images}×${samples} samples of ${dims} coordinates, k = ${k}, like every pair in float64`, () => {
      const x = randomFloats(seededRandom(dims + samples), images * dims * samples);
      check(x, images, samples, k);
      check(
        Float64Array.from(x, (v) => v + 1e-9 * v * v),
        images,
        samples,
        k,
      );
    });

  const [dims, samples, k] = [300, 40, 4];
  const noise = randomFloats(seededRandom(9), dims * samples);
  const make = (of: (v: number, sample: number, d: number) => number) =>
    Float32Array.from(noise, (v, i) => of(v, i % samples, Math.floor(i / samples)));
  it.each([
    ["an offset common to all", make((v) => 2 ** -10 * v + 1e3)],
    ["near samples in far clusters", make((v, s, d) => 1e-2 * v + (d % 7 === (s >> 2) % 7 ? 1e4 : 0))],
    ["dead channels", make((v, s) => (s % 3 === 0 ? 0 : Math.max(0, v)))],
    ["only equal samples", make(() => 2)],
    ["nothing but zero", make(() => 0)],
    ["a lattice full of ties", make((v) => Math.round(v))],
    ["one far larger than the others", make((v, s) => (s === 5 ? 1e6 * v : v))],
    ["squares below float32", make((v) => 1e-25 * v)],
    ["squares above float32", make((v) => 1e25 * v)],
    ["zeros of both signs", make((_, s, d) => ((s + d) % 2 ? -0 : 0))],
    ["a NaN and an infinity", make((v, s, d) => (s === 3 && d === 7 ? NaN : s === 8 && d === 250 ? Infinity : v))],
    ["infinities of two samples", make((v, s) => (s === 3 || s === 30 ? Infinity : v))],
  ])("agrees on %s", (_, x) => {
    check(x, 1, samples, k);
    check(x, 1, samples, samples - 2);
  });

  it("writes nothing and says why when sizes do not fit", () => {
    const [x, radii, neighbours] = [new Float32Array(6), new Float64Array(3), new Int32Array(3)];
    const size = { images: 1, dims: 2, samples: 3 };
    expect(() => kernels.kthNeighbours(x, { radii, neighbours }, { ...size, k: 3 })).toThrow(
      "kthNeighbours: expected an integer below 3 samples for k, got 3",
    );
    expect(() => kernels.kthNeighbours(x, { radii: radii.subarray(1), neighbours }, { ...size, k: 1 })).toThrow(
      "kthNeighbours: expected 3 entries [1,3] for radii, got 2",
    );
    expect(() =>
      kernels.kthNeighbours(x, { radii: x as unknown as Float64Array, neighbours }, { ...size, k: 1 }),
    ).toThrow("kthNeighbours: expected Float64Array for radii, got Float32Array");
  });
});
