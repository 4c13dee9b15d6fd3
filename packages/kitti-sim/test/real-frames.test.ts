import { openDataset } from "kitti-io";
import { describeUnless, goldenMissing, goldenPath } from "test-support";
import { beforeAll, expect, test } from "vitest";
import { measureFrames } from "../scripts/measure-frames.js";
import { HDL64E_BEAMS, IMAGE_SIZE, type Panes, simulateFrame } from "../src/index.js";

const root = goldenPath("kitti-mini");
const DEGREES = 180 / Math.PI;

/** The rows of a real scan, which is sorted by laser, each once round to the left from straight ahead. */
function rowsOf(points: Float32Array): { level: number; z: number; azimuth: number }[][] {
  const rows: { level: number; z: number; azimuth: number }[][] = [[]];
  let before = 0;
  for (let at = 0; at < points.length; at += 4) {
    const [x, y, z] = points.subarray(at, at + 3);
    const azimuth = Math.atan2(y, x);
    if (before < 0 && before > -0.7 && azimuth >= 0 && azimuth < 0.7) rows.push([]);
    rows.at(-1)!.push({ level: Math.hypot(x, y), z, azimuth });
    before = azimuth;
  }
  return rows;
}

describeUnless(goldenMissing("kitti-mini"), "the cars of sixteen real frames", () => {
  test("show from 35 m on little but their lower three fifths, as they do behind tinted panes and not behind clear ones", async () => {
    const upperShare = async (frames: Parameters<typeof measureFrames>[0]) => {
      const { objects } = await measureFrames(frames);
      const cars = objects.filter(
        ({ type, clear, distance, heights }) => type === "Car" && clear && distance > 35 && heights.length >= 5,
      );
      const shares = cars.map(({ heights }) => heights.filter((height) => height > 0.6).length / heights.length);
      return { cars: cars.length, share: shares.reduce((sum, share) => sum + share, 0) / shares.length };
    };
    const simulated = function* (panes: Panes) {
      for (let frame = 0; frame < 8; frame++) {
        yield { ...simulateFrame({ seed: 77, frame, field: "camera", panes }), imageSize: IMAGE_SIZE };
      }
    };
    const real = await upperShare(await openDataset(root!));
    const [clear, tinted] = [await upperShare(simulated("clear")), await upperShare(simulated("tinted"))];
    expect(Math.min(real.cars, clear.cars, tinted.cars)).toBeGreaterThanOrEqual(5);
    expect(real.share).toBeLessThan(0.1);
    expect(tinted.share).toBeLessThan(0.2);
    expect(clear.share).toBeGreaterThan(0.25);
  }, 600_000);
});

describeUnless(goldenMissing("kitti-mini"), "the sensor of sixteen real frames", () => {
  const scans: ReturnType<typeof rowsOf>[] = [];
  beforeAll(async () => {
    for await (const { points } of await openDataset(root!)) scans.push(rowsOf(points));
  });

  test("has 64 rows, each on its beam within a quarter of a degree", () => {
    expect(scans.map((rows) => rows.length)).toEqual(new Array(16).fill(64));
    HDL64E_BEAMS.forEach(({ elevation, height }, row) => {
      const off = scans
        .flatMap((rows) => rows[row].map(({ level, z }) => (Math.atan2(z - height, level) - elevation) * DEGREES))
        .sort((a, b) => a - b);
      expect(Math.abs(off[off.length >> 1]), `row ${row}`).toBeLessThan(0.25);
      // nine of ten points: a beam of one origin and one elevation explains its row at all distances
      expect(off[Math.floor(0.95 * off.length)] - off[Math.floor(0.05 * off.length)], `row ${row}`).toBeLessThan(0.4);
    });
  });

  test("fires every 0.18°, and every seventh time after 0.09°", () => {
    let [long, short, other] = [0, 0, 0];
    for (const rows of scans) {
      for (const row of rows.slice(30, 50)) {
        for (let i = 1; i < row.length; i++) {
          const step = (row[i].azimuth - row[i - 1].azimuth) * DEGREES;
          if (Math.abs(row[i].azimuth) > 0.6) continue;
          if (Math.abs(step - 0.18) < 0.02) long += 1;
          else if (Math.abs(step - 0.09) < 0.02) short += 1;
          else other += 1;
        }
      }
    }
    expect(long / short).toBeGreaterThan(5);
    expect(long / short).toBeLessThan(7);
    expect(other).toBeLessThan(0.05 * long);
  });
});
