import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { doubtsOf, readPointCloud } from "../src/index.js";
import { lazFixture } from "./las-records.js";
import { type Kind, npy, pcd, ply } from "./writers.js";

const ROWS = Array.from({ length: 12 }, (_, i) => [i, i / 4, -i, 0.5]);
const layout = { fields: ["x", "y", "z", "intensity"], kinds: ["f4", "f4", "f4", "f4"] as Kind[] };
const files: [string, Uint8Array][] = [
  ["a.npy", npy(ROWS)],
  ...(["ascii", "binary", "binary_compressed"] as const).map((data): [string, Uint8Array] => [
    "a.pcd",
    pcd(ROWS, { ...layout, data }),
  ]),
  ...(["ascii", "binary_little_endian", "binary_big_endian"] as const).map((format): [string, Uint8Array] => [
    "a.ply",
    ply(ROWS, { ...layout, format, others: true }),
  ]),
  ...[0, 3, 6, 8].map((format): [string, Uint8Array] => ["a.laz", lazFixture(`sweep-${format}`)]),
];

function damage(bytes: Uint8Array, rng: () => number): Uint8Array {
  const pick = (n: number): number => Math.floor(rng() * n);
  const out = [...bytes];
  for (let edit = 0; edit <= pick(4); edit++) {
    const at = pick(out.length);
    const telling = [0, 10, 32, 45, 48, 57, 110, 255, pick(256)];
    const more = Array.from({ length: pick(4) }, () => telling[pick(telling.length)]);
    out.splice(at, rng() < 0.1 ? out.length : pick(4), ...more);
  }
  return Uint8Array.from(out);
}

describe("damaged files are read or refused with an error that says where", () => {
  it.each(files)("%s %#", async (name, good) => {
    let [read, refused] = [0, 0];
    const tries = name === "a.laz" ? 300 : 1500; // each loads laz-perf anew
    for (let seed = 0; seed < tries; seed++) {
      try {
        const cloud = await readPointCloud(damage(good, seededRandom(seed)), { name });
        expect(cloud.points.length % cloud.columns.length, `seed ${seed}`).toBe(0);
        const width = cloud.columns.length;
        expect(
          cloud.points.every((value, i) => i % width > 2 || Number.isFinite(value)),
          `seed ${seed}`,
        ).toBe(true);
        doubtsOf(cloud);
        read++;
      } catch (error) {
        if ((error as Error).name !== "Error") throw error;
        expect((error as Error).message, `seed ${seed}`).toMatch(/^readPointCloud: a\.\w+: .*expected .*, got /s);
        refused++;
      }
    }
    expect(Math.min(read, refused)).toBeGreaterThan(tries / 75);
  });
});
