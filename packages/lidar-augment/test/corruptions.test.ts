import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import {
  CORRUPTIONS,
  corruptPoints,
  cutSector,
  dropBeams,
  fogExtinction,
  jitterPoints,
  rainExtinction,
  raiseSensor,
  snowExtinction,
  throughAir,
} from "../src/index.js";
import { randomScene, SEEDS } from "./scenes.js";

const COUNT = 20000;
/** Points all around at one range, at the sensor's height, of intensity 0.5. */
const ring = (range: number, count = COUNT) =>
  Float32Array.from({ length: count }, (_, i) => (2 * Math.PI * i) / count).reduce(
    (points, azimuth, i) => {
      points.set([range * Math.cos(azimuth), range * Math.sin(azimuth), 0, 0.5], 4 * i);
      return points;
    },
    new Float32Array(4 * count),
  );
const rows = (points: Float32Array) =>
  Array.from({ length: points.length / 4 }, (_, i) => [...points.subarray(4 * i, 4 * i + 4)]);
const rangeOf = ([x, y, z]: readonly number[]) => Math.hypot(x, y, z);
/** Five standard deviations of a share of `COUNT` points, at most. */
const SHARE_ERROR = 5 * Math.sqrt(0.25 / COUNT);

describe("corruptPoints", () => {
  const names = CORRUPTIONS.map(({ name }) => name);

  it.each(names)("%s: strength 0 changes nothing, and the scan is one of its own", (corruption) => {
    const { points } = randomScene(1);
    const same = corruptPoints(points, { corruption, strength: 0, rng: seededRandom(1) });
    expect(same).toEqual(points);
    expect(same).not.toBe(points);
  });

  it.each(names)("%s: one seed gives one scan, of finite numbers, and leaves the given one alone", (corruption) => {
    const { points } = randomScene(2);
    const before = points.slice();
    for (let strength = 1; strength <= 5; strength++) {
      const [a, b] = [0, 1].map(() => corruptPoints(points, { corruption, strength, rng: seededRandom(3) }));
      expect(a).toEqual(b);
      expect(a).not.toEqual(points);
      expect(a.length % 4).toBe(0);
      expect(a.every(Number.isFinite)).toBe(true);
      expect(corruptPoints(new Float32Array(0), { corruption, strength, rng: seededRandom(3) })).toHaveLength(0);
    }
    expect(points).toEqual(before);
  });

  it.each(["beams", "fog", "rain", "snow", "sector"])("%s: more strength leaves fewer of the points", (corruption) => {
    const scan = new Float32Array(4 * COUNT);
    for (let i = 0; i < 10; i++) scan.set(ring(4 + 6 * i, COUNT / 10), (4 * COUNT * i) / 10);
    for (let i = 0; i < COUNT; i++) scan[4 * i + 2] = -2 + (4 * (i % 64)) / 64;
    const places = new Set(rows(scan).map((row) => row.slice(0, 3).join()));
    const left = [1, 2, 3, 4, 5].map((strength) => {
      const seen = corruptPoints(scan, { corruption, strength, rng: seededRandom(strength) });
      return rows(seen).filter((row) => places.has(row.slice(0, 3).join())).length;
    });
    expect(left).toEqual([...left].sort((a, b) => b - a));
    expect(left[0]).toBeLessThan(COUNT);
    expect(left[4]).toBeGreaterThan(0);
  });

  it("refuses what there is not", () => {
    const corrupt = (corruption: string, strength: number) => () =>
      corruptPoints(new Float32Array(0), { corruption, strength, rng: Math.random });
    expect(corrupt("hail", 1)).toThrow(`corruptPoints: expected one of ${names.join(", ")} for corruption, got hail`);
    expect(corrupt("fog", 6)).toThrow("corruptPoints: expected 0 to 5 for strength, got 6");
    expect(corrupt("fog", 1.5)).toThrow("expected 0 to 5 for strength, got 1.5");
  });
});

describe("throughAir", () => {
  it("by hand: light falls to 5 % over the visibility of fog; tabulated decibels of rain and snow", () => {
    expect(Math.exp(-300 * fogExtinction(300))).toBeCloseTo(0.05, 12);
    // 1.076 dB over a kilometre at 1 mm/h; 5.4958776 + 0.049051 dB at 1 mm/h of dry snow
    expect(Math.exp(-1000 * rainExtinction(1))).toBeCloseTo(10 ** -0.1076, 12);
    expect(Math.exp(-1000 * snowExtinction(1))).toBeCloseTo(10 ** -0.55449286, 8);
    expect(rainExtinction(8) / rainExtinction(1)).toBeCloseTo(8 ** 0.67, 12);
    expect(snowExtinction(2) / snowExtinction(1)).toBeCloseTo(2 ** 1.38, 12);
  });

  it.each([5, 20, 60])("at %i m a share of exp(−2αr) stays, its intensity times as much", (range) => {
    const extinction = 0.01;
    const seen = throughAir(ring(range), { extinction, rng: seededRandom(range) });
    const through = Math.exp(-2 * extinction * range);
    expect(Math.abs(seen.length / 4 / COUNT - through)).toBeLessThan(SHARE_ERROR);
    for (let i = 3; i < seen.length; i += 4) expect(seen[i]).toBeCloseTo(0.5 * through, 6); // float32
  });

  it("of the rays that lose their surface the air returns its share, on the same rays and dark", () => {
    const [extinction, range] = [0.03, 30];
    const scan = ring(range);
    const seen = rows(throughAir(scan, { extinction, backscatter: 0.4, rng: seededRandom(1) }));
    const soft = seen.filter((row) => rangeOf(row) < range - 1e-3);
    const lost = 1 - Math.exp(-2 * extinction * range);
    expect(Math.abs(soft.length / COUNT - 0.4 * lost)).toBeLessThan(SHARE_ERROR);
    for (const [x, y, z, intensity] of soft) {
      expect(rangeOf([x, y, z])).toBeGreaterThan(1 - 1e-5);
      expect(intensity).toBeLessThanOrEqual(0.1);
    }
    const before = new Set(rows(scan).map(([x, y]) => Math.atan2(y, x).toFixed(3)));
    expect(soft.every(([x, y]) => before.has(Math.atan2(y, x).toFixed(3)))).toBe(true);
  });

  it.each([
    { extinction: 0.05, range: 25, ends: [1.2, 1.5, 2, 4, 10] },
    { extinction: 9.9, range: 3, ends: [1.01, 1.05, 1.1, 1.2, 1.5] }, // drawn from 1/s²
    { extinction: 10.1, range: 3, ends: [1.01, 1.05, 1.1, 1.2, 1.5] }, // drawn from exp(−2αs)
    { extinction: 12, range: 1.05, ends: [1.01, 1.02, 1.03, 1.04] },
  ])("soft returns have the density exp(−2αs)/s²: as its integral by Simpson's rule has it, $extinction/m", (air) => {
    const { extinction, range, ends } = air;
    const density = (s: number) => Math.exp(-2 * extinction * s) / s ** 2;
    const integral = (from: number, to: number, n = 2000) => {
      const h = (to - from) / n;
      let sum = density(from) + density(to);
      for (let i = 1; i < n; i++) sum += (i % 2 === 0 ? 2 : 4) * density(from + i * h);
      return (sum * h) / 3;
    };
    const scan = throughAir(ring(range), { extinction, backscatter: 1, rng: seededRandom(5) });
    const soft = rows(scan)
      .map(rangeOf)
      .filter((r) => r < range - 1e-3);
    for (const to of ends) {
      const share = soft.filter((r) => r < to).length / soft.length;
      expect(Math.abs(share - integral(1, to) / integral(1, range)), `below ${to} m`).toBeLessThan(
        5 * Math.sqrt(0.25 / soft.length),
      );
    }
  });

  it("a wall of air returns from the nearest on, with as few numbers as fog: two to be lost, two for the range, one for the reading", () => {
    let draws = 0;
    const random = seededRandom(1);
    const rng = () => {
      draws += 1;
      if (draws > 1000) throw new Error("too many draws");
      return random();
    };
    const soft = throughAir(ring(20, 100), { extinction: 1e9, backscatter: 1, rng });
    expect(rows(soft).map((row) => rangeOf(row).toFixed(6))).toEqual(Array(100).fill("1.000000"));
    expect(draws).toBeLessThan(5.1 * 100);
  });

  it("clear air changes nothing; settings out of range are refused", () => {
    const { points } = randomScene(1);
    expect(throughAir(points, { extinction: 0, backscatter: 1, rng: seededRandom(1) })).toEqual(points);
    const rng = Math.random;
    expect(() => throughAir(points, { extinction: -1, rng })).toThrow("at least 0 for extinction, got -1");
    expect(() => throughAir(points, { extinction: 1, backscatter: 2, rng })).toThrow("0..1 for backscatter, got 2");
    expect(() => throughAir(new Float32Array(5), { extinction: 1, rng })).toThrow("expected [n, 4] for points, got 5");
  });
});

describe("faults of the sensor", () => {
  it("jitter has its deviation on each axis and leaves intensities alone", () => {
    const scan = ring(10);
    const moved = jitterPoints(scan, { deviation: 0.2, rng: seededRandom(1) });
    for (const axis of [0, 1, 2]) {
      let squares = 0;
      for (let i = axis; i < scan.length; i += 4) squares += (moved[i] - scan[i]) ** 2;
      expect(Math.abs(Math.sqrt(squares / COUNT) / 0.2 - 1)).toBeLessThan(5 / Math.sqrt(2 * COUNT));
    }
    expect(moved.filter((_, i) => i % 4 === 3)).toEqual(scan.filter((_, i) => i % 4 === 3));
    expect(() => jitterPoints(scan, { deviation: -1, rng: Math.random })).toThrow("at least 0 for deviation, got -1");
  });

  it.each(SEEDS)("whole bands of elevation go, as many as asked, and nothing of the others, seed %i", (seed) => {
    // ten beams, 100 points of each, at elevations of −9.5° to −0.5°: bands of one beam each
    const scan = new Float32Array(4 * 1000);
    for (let i = 0; i < 1000; i++) {
      const elevation = (((i % 10) - 9.5) * Math.PI) / 180;
      scan.set([10 * Math.cos(elevation), 0, 10 * Math.sin(elevation), Math.floor(i / 10) / 100], 4 * i);
    }
    const seen = dropBeams(scan, { share: 0.3, bands: 10, rng: seededRandom(seed) });
    const left = new Map<number, number>();
    for (const [, , z] of rows(seen)) left.set(z, (left.get(z) ?? 0) + 1);
    expect([...left.values()]).toEqual([100, 100, 100, 100, 100, 100, 100]);
  });

  it("all bands leave nothing, and a scan of one elevation is one band", () => {
    expect(dropBeams(ring(5, 10), { share: 1, rng: seededRandom(1) })).toHaveLength(0);
    const kept = [1, 2, 3, 4].map((seed) => dropBeams(ring(5, 10), { share: 0.5, rng: seededRandom(seed) }).length);
    expect(new Set([...kept, 0, 40])).toEqual(new Set([0, 40]));
    expect(() => dropBeams(ring(5, 1), { share: 2, rng: Math.random })).toThrow("0..1 for share, got 2");
    expect(() => dropBeams(ring(5, 1), { share: 0, bands: 0, rng: Math.random })).toThrow(
      "at least 1 for bands, got 0",
    );
  });

  it.each(SEEDS)("a sector of its angle goes, also across the direction of ±π, seed %i", (seed) => {
    const angle = Math.PI / 3;
    const seen = cutSector(ring(10), { angle, rng: seededRandom(seed) });
    expect(Math.abs(seen.length / 4 - COUNT * (5 / 6))).toBeLessThanOrEqual(2); // the two at its edges
    const azimuths = rows(seen)
      .map(([x, y]) => Math.atan2(y, x))
      .sort((a, b) => a - b);
    const gaps = azimuths.map((value, i) =>
      i === 0 ? value + 2 * Math.PI - azimuths.at(-1)! : value - azimuths[i - 1],
    );
    expect(Math.max(...gaps)).toBeCloseTo(angle, 2); // one gap, as wide as asked within two steps of the ring
    expect(() => cutSector(seen, { angle: 7, rng: Math.random })).toThrow("expected 0..2π for angle, got 7");
  });

  it("by hand: a sensor 0.5 m higher sees all 0.5 m lower", () => {
    expect([...raiseSensor(Float32Array.of(1, 2, -1, 0.25, 3, 4, 0.5, 1), 0.5)]).toEqual([
      1, 2, -1.5, 0.25, 3, 4, 0, 1,
    ]);
    expect(() => raiseSensor(new Float32Array(0), Number.NaN)).toThrow("raiseSensor: expected metres, got NaN");
  });
});

describe("points that are NaN, as some sensors mark rays without an answer", () => {
  const count = 640;
  const scan = ring(20, count);
  for (let i = 0; i < count; i++) scan[4 * i + 2] = -2 + (4 * (i % 64)) / 64;
  const gaps = Float32Array.from({ length: 2 * scan.length }, (_, i) =>
    i % 8 < 4 ? Number.NaN : scan[4 * (i >> 3) + (i % 4)],
  );
  const finite = (points: Float32Array) => rows(points).filter((row) => row.every(Number.isFinite));

  it.each([
    ["dropBeams", (points: Float32Array) => dropBeams(points, { share: 0.75, rng: seededRandom(5) })],
    ["cutSector", (points: Float32Array) => cutSector(points, { angle: 1, rng: seededRandom(5) })],
    ["cutSector of no angle", (points: Float32Array) => cutSector(points, { angle: 0, rng: seededRandom(5) })],
  ])("%s: stay, and the others are what they are without them", (_, corrupt) => {
    const seen = corrupt(gaps);
    expect(finite(seen)).toEqual(rows(corrupt(scan)));
    expect(rows(seen).length - finite(seen).length).toBe(count);
  });

  it("a scan of nothing else is left as it is", () => {
    const nothing = new Float32Array(8).fill(Number.NaN);
    expect(dropBeams(nothing, { share: 0.5, rng: seededRandom(1) })).toEqual(nothing);
    expect(cutSector(nothing, { angle: 1, rng: seededRandom(1) })).toEqual(nothing);
  });

  it("throughAir: nothing comes back from a ray without an end", () => {
    const far = Float32Array.of(Number.POSITIVE_INFINITY, 0, 0, 1);
    expect(throughAir(far, { extinction: 0.01, backscatter: 1, rng: seededRandom(1) })).toHaveLength(0);
  });
});
