import seedrandom from "seedrandom";
import { describe, expect, test } from "vitest";
import {
  buildBvh,
  castScan,
  HDL64E_BEAMS,
  joinMeshes,
  type MaterialName,
  type Mesh,
  materialIndex,
  type Panes,
  type Scan,
} from "../src/index.js";
import { ground } from "./tiny-scene.js";

const DEGREES = 180 / Math.PI;

function scanOf(mesh: Mesh, seed = "scan", field: "full" | "camera" = "full"): Scan {
  return castScan({ mesh, bvh: buildBvh(mesh) }, seedrandom.alea(seed), { field });
}

const rows = ({ points }: Pick<Scan, "points">) =>
  Array.from({ length: points.length / 4 }, (_, i) => points.subarray(4 * i, 4 * i + 4));

/** A screen across the road at x, without thickness, wider and higher than what is near it. */
const screen = (material: MaterialName, x: number): Mesh => ({
  positions: Float32Array.of(x, -20, -20, x, 20, -20, x, 20, 20, x, -20, 20),
  triangles: Uint32Array.of(0, 1, 2, 0, 2, 3),
  materials: new Uint8Array(2).fill(materialIndex(material)),
});

test("grass is as rough near as far: heights deviate by its roughness, whatever the angle of the beam", () => {
  const heights = rows(scanOf(ground("grass"))).map(([x, y, z]) => ({ level: Math.hypot(x, y), off: z + 1.73 }));
  // beyond 1.9 m / 0.06 the cosine counts as 0.06
  for (const [from, to] of [
    [4, 10],
    [10, 20],
    [20, 30],
  ]) {
    const own = heights.filter(({ level }) => level >= from && level < to).map(({ off }) => off);
    const deviation = Math.sqrt(own.reduce((sum, off) => sum + off * off, 0) / own.length);
    expect(deviation, `${from} to ${to} m`).toBeGreaterThan(0.9 * 0.05);
    expect(deviation, `${from} to ${to} m`).toBeLessThan(1.1 * 0.05);
  }
});

describe("castScan on flat ground", () => {
  const mesh = ground("concrete");
  const scan = scanOf(mesh);

  test("each point lies on the ground, up to the noise of its range along the beam", () => {
    // noise moves a point along its beam, and its height by that times the sine of the beam's elevation
    const worst = Math.max(
      ...rows(scan).map(([x, y, z]) => (Math.abs(z + 1.73) - 0.001) / (2.1 / Math.hypot(x, y, 1.9))),
    );
    expect(worst).toBeLessThan(6 * 0.015);
    expect(worst).toBeGreaterThan(2 * 0.015);
  });

  test("each point lies on a beam, and only beams that look down return", () => {
    const seen = new Set<number>();
    let worst = 0;
    for (const [x, y, z] of rows(scan)) {
      const level = Math.hypot(x, y);
      const off = HDL64E_BEAMS.map((beam) => Math.abs(Math.atan2(z - beam.height, level) - beam.elevation));
      worst = Math.max(worst, Math.min(...off));
      seen.add(off.indexOf(Math.min(...off)));
    }
    // a millimetre of rounding at the nearest ring, 4 m away
    expect(worst * DEGREES).toBeLessThan(0.02);
    // from 1.93 m above the ground a beam reaches it within 80 m if it looks down by more than 1.38°
    const expected = HDL64E_BEAMS.flatMap(({ elevation }, row) => (elevation * DEGREES < -1.4 ? [row] : []));
    expect([...seen].sort((a, b) => a - b)).toEqual(expected);
  });

  test("rows run once round to the left, from the highest beam to the lowest", () => {
    let turns = 0;
    const azimuths = rows(scan).map(([x, y]) => (Math.atan2(y, x) + 2 * Math.PI) % (2 * Math.PI));
    for (let i = 1; i < azimuths.length; i++) if (azimuths[i] < azimuths[i - 1] - Math.PI) turns += 1;
    const beams = HDL64E_BEAMS.filter(({ elevation }) => elevation * DEGREES < -1.4).length;
    expect(turns).toBe(beams - 1);
  });

  test("coordinates are whole millimetres, intensities whole hundredths, as in KITTI's files", () => {
    const odd = scan.points.filter((value, i) => {
      const unit = i % 4 < 3 ? 1000 : 100;
      return value !== Math.fround(Math.round(value * unit) / unit) || (i % 4 === 3 && !(value >= 0 && value < 1));
    });
    expect([...odd]).toEqual([]);
  });

  test("rings beyond 60 m are lost more often than those within 20 m", () => {
    const perRing = (row: number) =>
      rows(scan).filter(([x, y]) => {
        const { elevation, height } = HDL64E_BEAMS[row];
        return Math.abs(Math.hypot(x, y) + (1.73 + height) / Math.tan(elevation)) < 0.5;
      }).length;
    // row 32: 9.05° down, 11.6 m; row 10: 1.48° down, 75 m
    expect(perRing(32)).toBeGreaterThan(0.97 * 2154);
    expect(perRing(10)).toBeLessThan(0.7 * 2154);
  });
});

describe("castScan", () => {
  test("the same random numbers give the same bytes, others do not", () => {
    const mesh = joinMeshes([ground("asphalt"), screen("brick", 15)]);
    const [first, again, other] = ["a", "a", "b"].map((seed) => Buffer.from(scanOf(mesh, seed).points.buffer));
    expect(again.equals(first)).toBe(true);
    expect(other.equals(first)).toBe(false);
  });

  test("the camera's field is that part of the full turn, point by point", () => {
    const mesh = joinMeshes([ground("asphalt"), screen("glass", 10), screen("brick", 15)]);
    const part = rows(scanOf(mesh, "a", "camera"));
    const expected = rows(scanOf(mesh, "a")).filter(([x, y]) => Math.abs(Math.atan2(y, x)) * DEGREES < 44.99);
    expect(part.length).toBeGreaterThan(expected.length - 1);
    const inside = part.filter(([x, y]) => Math.abs(Math.atan2(y, x)) * DEGREES < 44.99);
    expect(inside.flatMap((point) => [...point]).join()).toBe(expected.flatMap((point) => [...point]).join());
  });

  test("nothing within reach, no points", () => {
    expect(scanOf(joinMeshes([])).points).toHaveLength(0);
    expect(scanOf(screen("plaster", 81)).points).toHaveLength(0);
    const [near] = [rows(scanOf(screen("plaster", 0.9)))];
    expect(near.length).toBeGreaterThan(1000);
    expect(Math.min(...near.map(([x, y, z]) => Math.hypot(x, y, z)))).toBeGreaterThan(1 - 0.25);
  });

  test("three of four rays pass a glass pane, and what is behind two is seen by nine of sixteen", () => {
    const hits = (...meshes: Mesh[]) => {
      const scan = scanOf(joinMeshes(meshes), "glass", "camera");
      return rows(scan).filter(([x, y]) => Math.abs(y) < 4 && x > 10).length;
    };
    const all = hits(screen("plaster", 15));
    // a binomial share of some 10 000 rays is within 0.02 of its mean
    expect(all).toBeGreaterThan(8000);
    expect(hits(screen("plaster", 15), screen("glass", 5)) / all).toBeCloseTo(0.75, 1.4);
    expect(hits(screen("plaster", 15), screen("glass", 5), screen("glass", 7)) / all).toBeCloseTo(0.5625, 1.4);
  });

  test("behind tinted panes things are dark: seats are seen at 10 m, not at 50 m, and what no pane hides is as it was", () => {
    const seen = (panes: Panes, distance: number) => {
      const mesh = joinMeshes([screen("cloth-dark", distance), screen("glass", distance - 1)]);
      const { points } = castScan({ mesh, bvh: buildBvh(mesh) }, seedrandom.alea("tint"), { field: "camera", panes });
      const behind = rows({ points }).filter(([x, y]) => Math.abs(y) < 4 && x > distance - 0.5);
      return { count: behind.length, brightest: Math.max(...behind.map((point) => point[3])) };
    };
    const [near, nearTinted] = [seen("clear", 10), seen("tinted", 10)];
    // cloth sends 0.32 back; panes that keep three quarters on each way leave 0.02, of which the sensor reads nothing
    expect(near.brightest).toBeGreaterThan(0.3);
    expect(nearTinted.brightest).toBeLessThan(0.1);
    expect(nearTinted.count / near.count).toBeGreaterThan(0.9);
    expect(seen("tinted", 50).count / seen("clear", 50).count).toBeLessThan(0.2);
    const open = joinMeshes([ground("asphalt"), screen("brick", 15)]);
    const [clear, tinted] = (["clear", "tinted"] as const).map((panes) =>
      castScan({ mesh: open, bvh: buildBvh(open) }, seedrandom.alea("open"), { panes }),
    );
    expect(tinted).toEqual(clear);
  });

  test("each point is where its triangle is: on the screen, within the noise", () => {
    const mesh = joinMeshes([screen("brick", 15), screen("plaster", -20)]);
    const { points, triangles } = scanOf(mesh);
    let square = 0;
    let count = 0;
    triangles.forEach((triangle, i) => {
      const x = triangle < 2 ? 15 : -20;
      const range = Math.hypot(...points.subarray(4 * i, 4 * i + 3));
      const error = ((points[4 * i] - x) * range) / x;
      square += error * error;
      count += 1;
    });
    // standard deviation 0.015 m, measured on some 50 000 points
    expect(Math.sqrt(square / count)).toBeCloseTo(0.015, 3);
  });

  test("a road sign reads as bright as can be, dark paint nearly nothing", () => {
    const median = (mesh: Mesh) => {
      const readings = rows(scanOf(mesh, "bright", "camera"))
        .filter(([, y]) => Math.abs(y) < 3)
        .map((point) => point[3]);
      return readings.sort((a, b) => a - b)[readings.length >> 1];
    };
    expect(median(screen("sign", 15))).toBeCloseTo(0.99, 6);
    expect(median(screen("paint-light", 15))).toBeGreaterThan(0.35);
    expect(median(screen("paint-dark", 15))).toBeLessThan(0.15);
  });
});
