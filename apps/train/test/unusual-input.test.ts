import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { createWeights, disposeWeights, forwardDetector, type NamedArray, weightsToArrays } from "second-detector";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collateInputs, networkInput } from "../src/frames/network-input.js";
import { readVisibleFrame } from "../src/frames/visible-frame.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { randomStream } from "../src/system/random.js";
import { startBackend } from "../src/system/start-backend.js";
import {
  conditionsTable,
  harmTable,
  kindsTable,
  otherDataTable,
  overallTable,
  strengthChart,
  studySeparations,
} from "../src/unusual-input/analyse-unusual.js";
import { precisionOf } from "../src/unusual-input/condition-precision.js";
import { CLEAN, corruptedConditions, sensorConditions } from "../src/unusual-input/conditions.js";
import { mahalanobisFrom, neighbourDistanceFrom } from "../src/unusual-input/feature-distance.js";
import { type FrameSet, measureUnusual } from "../src/unusual-input/measure-unusual.js";
import { readNetwork, readScan, type ScanReading } from "../src/unusual-input/scan-reading.js";
import { averagePrecision, falseAlarmsAt, separate } from "../src/unusual-input/separation.js";
import { learnUsual, measures } from "../src/unusual-input/unusual-scores.js";
import { MEMORY_IDS, memorySource, ROBOT } from "./scenes/memory-source.js";

const SEEDS = [1, 2, 3, 4, 5];
function normals(count: number, name: string): number[] {
  const rng = randomStream(5, name);
  return Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng()));
}

describe("how well scores separate", () => {
  it("by hand: 4, 3, 1 unusual and 2, 0 usual", () => {
    // of six pairs one is the wrong way round; finding all three takes the threshold 1, above which 2 lies, too;
    // precision 1 at recalls 1/3 and 2/3, then 3/4
    const { auroc, falseAlarms, precision } = separate([3, 1, 4], [0, 2]);
    expect(auroc).toBeCloseTo(5 / 6, 12);
    expect(falseAlarms).toBe(0.5);
    expect(precision).toBeCloseTo(1 / 3 + 1 / 3 + 0.75 / 3, 12);
  });

  it("of 20 unusual scans one may be missed: the threshold is the 19th", () => {
    const unusual = [-5, ...Array.from({ length: 19 }, (_, i) => 10 + i)];
    expect(falseAlarmsAt(unusual, [9, 10, 11, 30])).toBe(0.75); // 10 itself counts
    expect(falseAlarmsAt(unusual.slice(0, 19), [9, 10, 11, 30])).toBe(1); // of 19 none may be
  });

  it("equal scores are one threshold; nothing separates nothing", () => {
    expect(separate([1, 1], [1, 1, 1, 1])).toEqual({ auroc: 0.5, falseAlarms: 1, precision: 1 / 3 });
    expect(separate([], [1])).toEqual({ auroc: Number.NaN, falseAlarms: Number.NaN, precision: Number.NaN });
  });

  it.each(SEEDS)("as counting at every threshold has it, ties among them, seed %i", (seed) => {
    const [unusual, usual] = [23, 31].map((count, i) =>
      normals(count, `scores ${seed} ${i}`).map((value) => Math.round(3 * value + 1 - i)),
    );
    const share = (list: readonly number[], threshold: number) =>
      list.filter((x) => x >= threshold).length / list.length;
    const thresholds = [...new Set([...unusual, ...usual])].sort((a, b) => b - a);
    let [recall, average] = [0, 0];
    for (const threshold of thresholds) {
      const [found, alarms] = [share(unusual, threshold) * 23, share(usual, threshold) * 31];
      average += (found / 23 - recall) * (found / (found + alarms));
      recall = found / 23;
    }
    expect(averagePrecision(unusual, usual)).toBeCloseTo(average, 12);
    const enough = thresholds.find((threshold) => share(unusual, threshold) >= 0.95)!;
    expect(falseAlarmsAt(unusual, usual)).toBeCloseTo(share(usual, enough), 12);
  });

  it("as scikit-learn 1.9.1 has it, ties among them", () => {
    const { auroc, falseAlarms, precision } = separate(
      [0.9, 0.4, 0.8, 0.8, 0.35, 0.1],
      [0.5, 0.4, 0.2, 0.1, 0.05, 0.8, 0.3],
    );
    expect(auroc).toBeCloseTo(0.7142857142857143, 12);
    expect(falseAlarms).toBeCloseTo(0.8571428571428571, 12);
    expect(precision).toBeCloseTo(0.6994047619047619, 12);
  });
});

/** Inverse by Gauss and Jordan. */
function inverse(matrix: readonly (readonly number[])[]): number[][] {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...Array.from({ length: n }, (_, j) => Number(i === j))]);
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c; r < n; r++) if (Math.abs(rows[r][c]) > Math.abs(rows[pivot][c])) pivot = r;
    [rows[c], rows[pivot]] = [rows[pivot], rows[c]];
    rows[c] = rows[c].map((value) => value / rows[c][c]);
    for (let r = 0; r < n; r++) if (r !== c) rows[r] = rows[r].map((value, j) => value - rows[r][c] * rows[c][j]);
  }
  return rows.map((row) => row.slice(n));
}

describe("distances of features", () => {
  const feature = (name: string, size: number) => normals(size, name).map((value, i) => (1 + i) * value + i);

  it.each([
    [12, 5],
    [6, 9],
  ])("Mahalanobis of %i rows and %i features is that of the dense, shrunk covariance", (n, size) => {
    const reference = Array.from({ length: n }, (_, row) => feature(`row ${row}`, size));
    const mean = reference[0].map((_, i) => reference.reduce((sum, row) => sum + row[i], 0) / n);
    const deviation = mean.map((m, i) =>
      Math.sqrt(reference.reduce((sum, row) => sum + (row[i] - m) ** 2, 0) / (n - 1)),
    );
    const scaled = (row: readonly number[]) => row.map((value, i) => (value - mean[i]) / deviation[i]);
    const x = reference.map(scaled);
    const covariance = mean.map((_, i) => mean.map((_, j) => x.reduce((sum, row) => sum + row[i] * row[j], 0) / n));
    // Ledoit and Wolf entry by entry: how much the entries of the rows' outer products vary against how far from m·I their mean is
    const m = covariance.reduce((sum, row, i) => sum + row[i], 0) / size;
    let [far, vary] = [0, 0];
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        far += (covariance[i][j] - (i === j ? m : 0)) ** 2 / size;
        for (const row of x) vary += (row[i] * row[j] - covariance[i][j]) ** 2 / size / n ** 2;
      }
    }
    const shrinkage = Math.min(vary, far) / far;
    const shrunk = covariance.map((row, i) => row.map((v, j) => (1 - shrinkage) * v + (i === j ? shrinkage * m : 0)));
    const inverted = inverse(shrunk);
    const distance = mahalanobisFrom(reference);
    for (const name of ["a", "b"]) {
      const y = scaled(feature(name, size));
      const squared = y.reduce((sum, v, i) => sum + v * inverted[i].reduce((part, w, j) => part + w * y[j], 0), 0);
      expect(distance(feature(name, size))).toBeCloseTo(Math.sqrt(squared), 9);
    }
    expect(distance(mean)).toBeCloseTo(0, 9);
  });

  it("Mahalanobis as scikit-learn 1.9.1 has it: LedoitWolf on standardised rows", () => {
    const distance = mahalanobisFrom([
      [1, 2, 3, 4],
      [2, 1, 4, 3],
      [0, 5, 1, 2],
      [3, 3, 2, 8],
      [1, 0, 6, 5],
    ]);
    expect(distance([4, 4, 0, 1])).toBeCloseTo(3.7194948, 7);
    expect(distance([1, 2, 3, 4])).toBeCloseTo(0.46654201, 7);
  });

  it("the k-th neighbour by hand: each feature in its deviations", () => {
    // deviation √2 · 1 and √2 · 10: distances of (2, 0) to (0, 0) and (2, 20) are both √2
    const reference = [
      [0, 0],
      [2, 20],
    ];
    expect(neighbourDistanceFrom(reference, 1)([2, 0])).toBeCloseTo(Math.SQRT2, 12);
    expect(neighbourDistanceFrom(reference, 1)([0, 0])).toBe(0);
    expect(neighbourDistanceFrom(reference, 2)([0, 0])).toBeCloseTo(2, 12);
    expect(() => neighbourDistanceFrom(reference)([0, 0])).toThrow("expected 1 to 2 for k, got 5");
  });

  it("a feature that never varied counts when it does; wrong sizes are refused", () => {
    const reference = [
      [0, 1],
      [2, 1],
      [4, 1],
    ];
    for (const distance of [mahalanobisFrom(reference), neighbourDistanceFrom(reference, 1)]) {
      expect(distance([2, 1])).toBeLessThan(1e-9);
      expect(distance([2, 3])).toBeGreaterThan(1);
      expect(() => distance([1])).toThrow("expected 2 features, got 1");
    }
    expect(() => mahalanobisFrom([[1]])).toThrow("expected two rows or more for reference, got 1");
  });
});

/** Readings of a network that does not exist: everything is `level` away from what is usual. */
function reading(name: string, level = 0): ScanReading {
  const [a, b, c, d, ...pooled] = normals(9, name);
  return {
    entropies: [[a + level, b + level, c - level]],
    pooled: pooled.map((value) => value + level),
    confidence: 0.5 - 0.2 * level + 0.05 * d,
    energy: -100 + 30 * level + 10 * d,
    voxels: 1000 + Math.round(50 * d) - 200 * level,
    found: { boxes: [], scores: [], labels: [] },
  };
}

describe("the study", () => {
  const reference = Array.from({ length: 20 }, (_, i) => reading(`reference ${i}`));
  const frames = Array.from({ length: 12 }, (_, i) => i);
  const conditions = corruptedConditions.filter(({ kind }) => kind === "fog" || kind === "height");
  const readings = new Map([
    [CLEAN.name, frames.map((i) => reading(`clean ${i}`))],
    // height changes nothing, fog the more the stronger
    ...conditions.map(({ name, kind, strength }) => {
      const list = frames.map((i) =>
        reading(kind === "fog" ? `fog ${i}` : `clean ${i}`, kind === "fog" ? strength : 0),
      );
      return [name, list] as const;
    }),
  ]);
  const precision = ({ kind, strength }: { kind: string; strength: number }) =>
    kind === "fog" ? 80 - 15 * strength : 80;
  const study = { subject: "net", set: "streets", study: studySeparations(reference, readings, conditions), precision };

  it("every measure rises with what is unusual", () => {
    const scores = learnUsual(reference);
    const [usual, unusual] = [scores(reading("x")), scores(reading("x", 5))];
    for (const measure of measures) expect(unusual[measure], measure).toBeGreaterThan(usual[measure]);
  });

  it("what is unchanged is told by chance, what is far off surely, and intervals hold their mean", () => {
    const table = kindsTable([study]);
    const [fog, height] = ["fog", "height"].map((kind) => table.rows.find((row) => row[2] === kind)!);
    measures.forEach((measure, m) => {
      expect(height[3 + m], measure).toBe("0.50 (0.50 to 0.50)"); // the same scans, whichever frames are drawn
      expect(Number(String(fog[3 + m]).slice(0, 4)), measure).toBeGreaterThan(0.8);
    });
    const strongest = conditionsTable(study).rows.find((row) => row[0] === "fog" && row[1] === 5)!;
    expect(strongest.slice(3, 5)).toEqual(["5.0", "1.00 (1.00 to 1.00)"]);
    const overall = overallTable([study]).rows;
    expect(overall.map((row) => row[2])).toEqual(measures);
    expect(overall[0][6]).toBeNull();
    for (const row of overall) {
      const [mean, low, high] = String(row[3])
        .match(/[\d.]+/g)!
        .map(Number);
      expect(low).toBeLessThanOrEqual(mean);
      expect(high).toBeGreaterThanOrEqual(mean);
    }
    expect(strengthChart(study).series[0].points.map(({ x }) => x)).toEqual([1, 2, 3, 4, 5]);
  });

  it("groups conditions by what they cost the detector", () => {
    // of 80 AP fog costs 15, 30, 45, 60, 75: up to half twice, more three times; height nothing, five times
    const [row] = harmTable([study]).rows;
    expect(row.slice(3).map((cell) => String(cell).slice(-3))).toEqual(["[5]", "[2]", "[3]"]);
    expect(row[3]).toBe("0.50 (0.50 to 0.50) [5]");
    expect(harmTable([{ ...study, precision: () => undefined }]).rows).toEqual([]);
  });

  it("precision by hand: both cars found in clear air, none in fog", () => {
    const car = (x: number) => [x, 0, 0, 4, 2, 1.5, 0];
    const objects = [[{ type: "Car", box: car(10), points: 9 }], [{ type: "Car", box: car(20), points: 9 }]];
    const found = (x: number) => ({ boxes: car(x), scores: [0.9], labels: [0] });
    const byCondition = new Map([
      [
        "clean",
        [
          { ...reading("a"), found: found(10) },
          { ...reading("b"), found: found(20) },
        ],
      ],
      ["fog 1", [reading("a"), reading("b")]],
    ]);
    const classes = [{ name: "Car" }] as never;
    const precision = precisionOf({ byCondition, objects }, { classes });
    expect(precision("clean")).toBe(2.5); // KITTI's curve of two objects has its first of forty recalls alone
    expect(precision("fog 1")).toBe(0);
    expect(precisionOf({ byCondition, objects: [[], []] }, { classes })("clean")).toBeUndefined();
  });

  it("other data are compared as they are", () => {
    const usual = readings.get(CLEAN.name)!;
    const [same, others] = [usual, readings.get("fog 5")!].map((other) =>
      otherDataTable([{ subject: "net", reference, usual, other }], "elsewhere"),
    );
    expect(same.rows[0].slice(0, 2)).toEqual(["net", "deviation"]);
    expect(String(same.rows[0][2]).startsWith("0.500")).toBe(true);
    expect(String(others.rows[0][2])).toBe("1.000 (1.000 to 1.000)");
    expect(others.title).toBe("Clean frames of elsewhere against clean simulated ones");
  });

  it("conditions have their names and strengths; other sensors need simulated frames", () => {
    expect(new Set(corruptedConditions.map(({ name }) => name)).size).toBe(35);
    expect(sensorConditions("/nowhere")).toEqual([]);
  });
});

describe("measuring", () => {
  const { detector } = openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname);
  const config = { ...detector, classes: [{ ...detector.classes[0], name: ROBOT }] };
  const conditions = corruptedConditions.filter(({ name }) => name === "fog 3" || name === "height 5");
  const data = memorySource();
  const set: FrameSet = { name: "memory", data, frames: MEMORY_IDS, conditions };
  let folder: string;
  let model: ReadonlyMap<string, NamedArray>;

  beforeAll(async () => {
    await startBackend("simd");
    folder = mkdtempSync(join(tmpdir(), "eloss-unusual-"));
    const weights = createWeights(config, randomStream(1, "weights"));
    model = await weightsToArrays(weights);
    disposeWeights(weights);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const measure = (fingerprint: string, signal = new AbortController().signal) => {
    const told: string[] = [];
    const subject = { name: "tiny", config, model, entropies: {}, fingerprint };
    const done = measureUnusual(subject, [set], { folder, signal, onFrame: (note) => told.push(note) });
    return { done, told };
  };
  const files = () => readdirSync(join(folder, "tiny")).map((name) => statSync(join(folder, "tiny", name)).mtimeMs);

  it("reads every frame in every condition, and knows what is to be found in its range", async () => {
    const before = tf.memory().numTensors;
    const { done, told } = measure("a");
    const [{ byCondition, objects }] = (await done)!;
    expect(tf.memory().numTensors).toBe(before);
    expect([...byCondition.keys()]).toEqual(["clean", "fog 3", "height 5"]);
    for (const readings of byCondition.values()) expect(readings).toHaveLength(3);
    expect(told).toHaveLength(3);
    // the robots ahead at 8, 14 and 20 m; those behind the sensor are out of range
    expect(objects.map((list) => list.map(({ type, box }) => [type, box[0]]))).toEqual(
      [8, 14, 20].map((x) => [[ROBOT, x]]),
    );
    const [{ pooled, entropies, voxels }] = byCondition.get("clean")!;
    expect(pooled).toHaveLength(3 * 12 + 3 * 16);
    expect(entropies.map((block) => block.length)).toEqual([3, 3]);
    expect(voxels).toBeGreaterThan(byCondition.get("fog 3")![0].voxels);
    expect(byCondition.get("height 5")![0].pooled).not.toEqual(pooled);
  });

  it("pools as a mean by hand, and its energy is that of the logits", async () => {
    const network = readNetwork(model, config);
    const frame = await readVisibleFrame(data, MEMORY_IDS[0], config);
    const { taps, head } = forwardDetector(network.weights, collateInputs([networkInput(frame, config)], config), {
      config,
    });
    const values = taps[0][0].dataSync();
    let sum = 0;
    for (let i = 5; i < values.length; i += 12) sum += values[i];
    const { pooled, energy } = await readScan(frame, network);
    expect(pooled[5]).toBeCloseTo(sum / (values.length / 12), 5);
    const logits = [...head.cls.dataSync()];
    const expected = -logits.reduce((total, x) => total + Math.log(1 + Math.exp(x)), 0);
    expect(energy / expected).toBeCloseTo(1, 6);
    disposeWeights(network.weights);
    tf.dispose([taps, head]);
  });

  it("what is kept is not measured again, but by another network; it can be stopped", async () => {
    const first = await measure("a").done;
    const before = files();
    expect(await measure("a").done).toEqual(first);
    expect(files()).toEqual(before);
    await measure("b").done;
    expect(files().every((time, i) => time > before[i])).toBe(true);
    const stopped = new AbortController();
    stopped.abort();
    expect(await measure("c", stopped.signal).done).toBeUndefined();
  });
});
