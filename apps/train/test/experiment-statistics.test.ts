import { describe, expect, it } from "vitest";
import { epochsTo } from "../src/experiment/analyse-training.js";
import {
  type Arm,
  cameraModelsOf,
  type ExperimentSize,
  modelRecipe,
  modelsOf,
  SIZES,
  type TrainingChanges,
} from "../src/experiment/arms.js";
import type { Bases } from "../src/experiment/experiment.js";
import { experimentNamed, experiments } from "../src/experiment/experiments.js";
import { plannedRuns } from "../src/experiment/planned-run.js";
import { areaUnderRoc, logFitR2, meanInterval, pairedDifference } from "../src/experiment/statistics.js";

/** AP by epoch of two published training logs, and R² of AP ≈ a + b·ln(epoch) computed elsewhere, to three digits. */
const PUBLISHED = [
  {
    r2: 0.724,
    ap: [19.95, 7.39, 1.4, 10.6, 1.26, 37.76, 14.25, 65.1, 37.63, 73.64].concat([
      74.76, 75.74, 78.94, 81.02, 80.65, 82.35, 82.19, 84.95, 85.48, 85.3,
    ]),
  },
  {
    r2: 0.78,
    ap: [12.95, 24.1, 1.98, 8.25, 22.56, 14.05, 42.22, 61.14, 70.83, 74.72].concat([
      76.13, 78.64, 81.07, 81.69, 81.85, 82.27, 82.45, 84.93, 82.51, 84.41,
    ]),
  },
];

const basesOf = (size: ExperimentSize, changes: TrainingChanges = { epochs: 1, precision: undefined }): Bases => ({
  models: modelsOf(size),
  cameraModels: cameraModelsOf(size),
  recipe: (model) => modelRecipe(model, size, changes),
});

describe("arms", () => {
  it("those with a camera are apart: data without images have no use for them", () => {
    for (const size of SIZES) {
      const { models, cameraModels, recipe } = basesOf(size);
      expect(models.filter((model) => recipe(model).detector.camera !== undefined)).toEqual([]);
      expect(cameraModels.filter((model) => recipe(model).detector.camera === undefined)).toEqual([]);
    }
    expect(
      experimentNamed("camera")
        .arms(basesOf("small"))
        .map(({ name }) => name),
    ).toEqual([
      "second-resnet-small",
      "second-resnet-small-l1",
      "second-resnet-correlation-gnn-fpn-small",
      "second-resnet-correlation-gnn-fpn-small-l1",
    ]);
  });

  it.each(SIZES)("%s: each is compared with a plain arm of the same detector", (size) => {
    const bases = basesOf(size);
    for (const { name: experiment, arms: armsOf } of experiments) {
      if (experiment === "camera" && size === "mini") {
        expect(() => armsOf(bases)).toThrow("experiment camera: expected --size small or kitti");
        continue;
      }
      const arms = armsOf(bases);
      expect(new Set(arms.map(({ name }) => name)).size).toBe(arms.length);
      for (const { name, baseline, recipe } of arms) {
        const plain = arms.find(({ name }) => name === baseline)!;
        expect(plain.entropyLoss).toBe(false);
        const shared = (of: Arm["recipe"]) => ({ ...of, name: "", entropyLoss: 0, precision: 0 });
        expect(shared(recipe)).toEqual(shared(plain.recipe));
        if (name === baseline) expect(recipe).toBe(plain.recipe);
      }
    }
  });
});

describe("the experiment on precision", () => {
  it("trains the same detector in both, and is refused where all is to be bfloat16", () => {
    const armsWith = (precision?: "bf16") => experimentNamed("precision").arms(basesOf("small", { precision }));
    expect(armsWith().map(({ name, recipe, entropyLoss }) => [name, recipe.precision, entropyLoss])).toEqual([
      ["second-small", undefined, false],
      ["second-small-bf16", "bf16", false],
    ]);
    expect(() => armsWith("bf16")).toThrow("experiment precision: expected no --precision, as it compares both");
  });
});

describe("the runs of the replication", () => {
  const arms = experimentNamed("replication").arms(basesOf("small"));
  const setup = {
    out: "/nowhere",
    merge: [],
    recorded: [],
    data: "/no-data",
    frames: ["000000"],
    validationFrames: [],
    validateEvery: 1,
    backend: "simd",
  } as const;
  const names = (seeds: number) => plannedRuns(arms, seeds, setup).map(({ folder }) => folder.path.split("/").at(-1)!);

  it("come pair by pair of the primary endpoint first, then arm by arm, seed by seed", () => {
    const runs = names(10);
    expect(runs.slice(0, 4)).toEqual([
      "second-small-seed0",
      "second-small-l1-seed0",
      "second-small-seed1",
      "second-small-l1-seed1",
    ]);
    expect(runs[19]).toBe("second-small-l1-seed9");
    expect(runs.slice(20, 31)).toEqual([
      "second-small-l1-shuffled-seed0",
      "second-small-l1-author-seed0",
      "second-small-l2-hinge-seed0",
      "second-small-l1-l2-hinge-seed0",
      "second-small-l1x30-seed0",
      "pointpillars-small-seed0",
      "pointpillars-small-l1-seed0",
      "pointpillars-small-block1-seed0",
      "pointnet-small-seed0",
      "pointnet-small-l1-seed0",
      "second-small-l1-shuffled-seed1",
    ]);
  });

  it("are ten of each arm of SECOND, six of the others, each once", () => {
    const runs = names(10);
    expect(new Set(runs).size).toBe(runs.length);
    expect(runs.filter((name) => name.startsWith("second"))).toHaveLength(70);
    expect(runs.filter((name) => name.startsWith("pointpillars"))).toHaveLength(18);
    expect(runs.filter((name) => name.startsWith("pointnet"))).toHaveLength(12);
    expect(names(2)).toHaveLength(2 * arms.length);
  });

  it("can all be trained: every arm with the loss has a term on the taps that its detector has", () => {
    for (const { recipe, entropyLoss: trained } of arms.filter(({ entropyLoss }) => entropyLoss)) {
      const { coverage, l2, weight } = recipe.entropyLoss;
      const taps = recipe.detector.backbone.layers.map((layers) => layers + 1);
      const covered = coverage === "all" ? taps : coverage.map((block) => taps[block]);
      expect(trained).toBe(true);
      expect(covered.some((count) => (weight > 0 ? count > 2 : l2.form !== "none"))).toBe(true);
      expect(covered.includes(2) && recipe.entropyLoss.estimator === "author").toBe(false);
    }
  });
});

describe("mean and interval", () => {
  it("by hand: 1, 2, 3 has deviation 1 and t(0.975; 2) = 4.3027", () => {
    const { count, mean, low, high } = meanInterval([1, 2, 3]);
    expect([count, mean]).toEqual([3, 2]);
    const half = 4.302652729696142 / Math.sqrt(3);
    expect(low).toBeCloseTo(2 - half, 6);
    expect(high).toBeCloseTo(2 + half, 6);
  });

  it("one value has no interval", () => {
    expect(meanInterval([5])).toEqual({ count: 1, mean: 5, low: Number.NaN, high: Number.NaN });
  });
});

describe("paired differences", () => {
  it("by hand: differences 1, 2, 3 have t = 2√3 with two degrees of freedom", () => {
    const { mean, p } = pairedDifference([11, 22, 33], [10, 20, 30]);
    expect(mean).toBe(2);
    // With two degrees of freedom the distribution is closed: P(T ≤ t) = ½ + t / (2 √(2 + t²)).
    const t = 2 * Math.sqrt(3);
    expect(p).toBeCloseTo(1 - t / Math.sqrt(2 + t * t), 9);
  });

  it("equal pairs differ by nothing, equal differences by certainty; lists of two lengths are refused", () => {
    expect(pairedDifference([1, 2], [1, 2]).p).toBe(1);
    expect(pairedDifference([2, 3], [1, 2]).p).toBe(0);
    expect(() => pairedDifference([1], [])).toThrow("pairedDifference: expected 0 values, got 1");
  });

  it("is the same with the signs turned around", () => {
    const [a, b] = [
      [3.1, 2.2, 9.7, 4],
      [1, 2.5, 8, 4.4],
    ];
    expect(pairedDifference(a, b).p).toBeCloseTo(pairedDifference(b, a).p, 12);
  });
});

describe("R² of a logarithmic fit", () => {
  it.each(PUBLISHED)("$r2 for the published log", ({ ap, r2 }) => {
    expect(logFitR2(ap.map((y, i) => ({ x: i + 1, y })))).toBeCloseTo(r2, 3);
  });

  it("is 1 on the curve itself, and undefined without spread", () => {
    const points = [1, 2, 3, 7].map((x) => ({ x, y: 3 - 2 * Math.log(x) }));
    expect(logFitR2(points)).toBeCloseTo(1, 12);
    expect(logFitR2(points.map(({ x }) => ({ x, y: 1 })))).toBeNaN();
  });
});

describe("area under the ROC curve", () => {
  it("by hand: 3 of 4 pairs won and one tie", () => {
    expect(areaUnderRoc([2, 5], [1, 2])).toBe(3.5 / 4);
    expect(areaUnderRoc([1], [])).toBeNaN();
  });
});

describe("epochs to a level", () => {
  const curve = [
    { x: 1, y: 10 },
    { x: 2, y: 8 },
    { x: 3, y: 20 },
  ];
  it("is where straight lines from (0, 0) on first reach it, else one epoch more", () => {
    expect(epochsTo(curve, 5)).toBeCloseTo(0.5, 12);
    expect(epochsTo(curve, 14)).toBeCloseTo(2.5, 12);
    expect(epochsTo(curve, 21)).toBe(4);
    expect(epochsTo(curve, 0)).toBe(0);
  });
});
