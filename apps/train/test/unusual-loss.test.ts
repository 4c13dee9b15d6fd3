import { describe, expect, it } from "vitest";
import { CLEAN, corruptedConditions } from "../src/unusual-input/conditions.js";
import {
  aurocOf,
  compareJudged,
  foundTable,
  harmSignsTable,
  type JudgedRun,
  kindSignsTable,
  signDifferences,
  signsTable,
} from "../src/unusual-input/loss-tables.js";
import type { ScanReading } from "../src/unusual-input/scan-reading.js";

const fog = corruptedConditions.filter(({ kind }) => kind === "fog");
const height = corruptedConditions.filter(({ kind }) => kind === "height");
const conditions = [...fog, ...height];

/** A detector whose signs all tell fog by `tells` and height not at all, and which loses `loses` AP with each strength of fog. */
function run(
  arm: string,
  seed: number,
  { tells, clean, loses }: { tells: number; clean: number; loses: number },
): JudgedRun {
  return {
    arm,
    seed,
    auroc: ({ kind }) => (kind === "fog" ? tells : 0.5),
    precision: ({ kind, strength }) => (kind === "fog" ? clean - loses * strength : clean),
  };
}

const runs = [
  run("net", 0, { tells: 0.7, clean: 80, loses: 10 }),
  run("net", 1, { tells: 0.8, clean: 82, loses: 10 }),
  run("net", 2, { tells: 0.6, clean: 84, loses: 10 }), // without a twin
  run("net-l1", 0, { tells: 0.9, clean: 78, loses: 8 }),
  run("net-l1", 1, { tells: 0.9, clean: 82, loses: 8 }),
];
const comparison = compareJudged(runs, ["net-l1", "net"]);

describe("detectors with the loss and without on unusual scans", () => {
  it("are compared by seed; one without a twin is left out", () => {
    expect(comparison.name).toBe("net-l1 against net");
    expect(comparison.pairs.map(([loss, plain]) => [loss.arm, loss.seed, plain.arm, plain.seed])).toEqual([
      ["net-l1", 0, "net", 0],
      ["net-l1", 1, "net", 1],
    ]);
  });

  it("signs by hand: half of the conditions tell, (0.2 + 0.1)/2 more of them with the loss", () => {
    const { rows } = signsTable([comparison], conditions, { usual: 40, scored: 24 });
    expect(rows).toHaveLength(6); // what counts voxels is the same for both
    // mean 0.075, standard error 0.025, t of one degree 12.706; p = 2(1 − T(3)) = 0.2048 of six alike
    expect(rows[0]).toEqual([
      "net-l1 against net",
      "deviation",
      2,
      "0.625 (0.307 to 0.943)",
      "0.700 (0.700 to 0.700)",
      "+0.075 (−0.243 to +0.393), p 0.205",
      "1.000",
    ]);
    const { rows: drawn } = signDifferences([comparison], conditions);
    expect(drawn.map(({ name }) => name)).toContain("L1, net-l1 against net");
    for (const [i, expected] of [0.1, 0.05].entries()) expect(drawn[0].pairs[i]).toBeCloseTo(expected, 12);
  });

  it("what is found, by hand", () => {
    const { rows } = foundTable([comparison], conditions);
    expect(rows.map(([, kind]) => kind)).toEqual(["clean", "fog", "height", "all but clean"]);
    const means = rows.map((row) => [row[3], row[4]].map((cell) => Number.parseFloat(String(cell))));
    // clean 81 and 80; fog takes 3 strengths on average: 81 − 30, 80 − 24
    expect(means).toEqual([
      [81, 80],
      [51, 56],
      [81, 80],
      [66, 68],
    ]);
    const nothing = compareJudged(
      runs.map((each) => ({ ...each, precision: () => undefined })),
      ["net-l1", "net"],
    );
    expect(foundTable([nothing], conditions).rows).toEqual([]);
    expect(harmSignsTable([nothing], conditions).rows).toEqual([]);
  });

  it("conditions are grouped by what they cost both sides: fog 11, 22, 34, 45 and 56 % of 80.5", () => {
    const [row] = harmSignsTable([comparison], conditions).rows;
    expect(row.slice(2)).toEqual(["0.500 → 0.500 [5]", "0.750 → 0.900 [4]", "0.750 → 0.900 [1]"]);
  });

  it("by kind: height is as it was", () => {
    const rows = kindSignsTable([comparison], conditions).rows;
    expect(rows.map((row) => row[1])).toEqual(["fog", "height"]);
    expect(String(rows[0][2])).toMatch(/^\+0\.15 /);
    expect(String(rows[1][2])).toMatch(/^\+0\.00 /);
  });

  it("AUROC of readings: what is farther from the reference than any clean scan is told for certain", () => {
    const reading = (level: number): ScanReading => ({
      entropies: [[level, 1 + level, 2 - level]],
      pooled: [level, -level],
      confidence: 0.5,
      energy: level,
      voxels: 100,
      found: { boxes: [], scores: [], labels: [] },
    });
    const reference = [0.1, 0.2, 0.3, 0.4].map(reading);
    const readings = new Map([
      [CLEAN.name, [0.2, 0.3].map(reading)],
      [fog[0].name, [5, 6].map(reading)],
      [fog[1].name, [0.2, 0.3].map(reading)],
    ]);
    const auroc = aurocOf(reference, readings);
    expect(auroc(fog[0], "deviation")).toBe(1);
    expect(auroc(fog[1], "deviation")).toBe(0.5);
    expect(auroc(fog[0], "confidence")).toBe(0.5); // says the same of all
    expect(auroc(fog[0], "energy")).toBe(1);
  });
});
