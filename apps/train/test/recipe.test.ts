import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtinConfig, builtinConfigNames, builtinConfigText } from "second-detector";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { builtinRecipe, builtinRecipeNames } from "../src/recipe/builtin-recipes.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { parseRecipe, recipeText } from "../src/recipe/parse-recipe.js";

/** second-mini, its detector whole. */
const whole = parse(recipeText(builtinRecipe("second-mini")));

/** second-mini with the value at a path replaced (or removed: undefined). */
function edited(path: readonly (string | number)[], value: unknown): string {
  const root = structuredClone(whole);
  const last = path[path.length - 1];
  const parent = path.slice(0, -1).reduce((node, key) => node[key], root);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return stringify(root);
}

describe("built-in recipes", () => {
  it("are one for each detector that comes with second-detector, of its name", () => {
    expect(builtinRecipeNames).toEqual(builtinConfigNames);
    for (const name of builtinRecipeNames) {
      const recipe = builtinRecipe(name);
      expect(recipe.name).toBe(name);
      expect(recipe.detector).toEqual(builtinConfig(name));
    }
  });

  it("cannot be changed", () => {
    const { training, detector } = builtinRecipe("second-mini");
    for (const part of [training.betas, training.oneCycle, detector.classes[0].anchorSize]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it("second-kitti has the published schedule", () => {
    expect(builtinRecipe("second-kitti").training).toEqual({
      epochs: 60,
      batchSize: 8,
      learningRate: 1.8e-3,
      betas: [0.95, 0.99],
      weightDecay: 0.01,
      gradientClip: 10,
      oneCycle: { peakRatio: 10, endRatio: 1e-4, riseFraction: 0.4, peakBeta1: 0.85 },
    });
  });
});

describe("parseRecipe", () => {
  it("reads back what recipeText writes, for every recipe", () => {
    for (const name of builtinRecipeNames) {
      const recipe = builtinRecipe(name);
      expect(parseRecipe(recipeText(recipe), "again.yaml")).toEqual(recipe);
    }
  });

  it("takes a move for each axis and the returns of other sensors, and says what is wrong with them", () => {
    const base = builtinRecipe("second-mini");
    const scene = { ...base.augmentation!.scene!, translation: [16, 16, 0.3] as const };
    const returns = { lost: 0.3, withoutIntensity: 0.5, intensityScaling: [0.5, 1.5] as const };
    const recipe = { ...base, augmentation: { scene, returns } };
    expect(parseRecipe(recipeText(recipe), "moved.yaml")).toEqual(recipe);
    const wrong = { ...returns, lost: 2, intensityScaling: [1, 0.5] as const };
    const text = recipeText({ ...base, augmentation: { scene: { ...scene, translation: -1 }, returns: wrong } });
    expect(() => parseRecipe(text, "wrong.yaml")).toThrow(
      "wrong.yaml: augmentation.scene.translation: expected a number at least 0, got -1; " +
        "augmentation.returns.lost: expected a number at most 1, got 2; " +
        "augmentation.returns.intensityScaling[1]: expected at least the smallest factor 1, got 0.5",
    );
  });

  it("refuses a class that is another in other letters: the first would get all its labels", () => {
    const [car] = whole.detector.classes;
    const text = edited(["detector", "classes"], [car, { ...structuredClone(car), name: car.name.toUpperCase() }]);
    expect(() => parseRecipe(text, "twice.yaml")).toThrow(
      "twice.yaml: detector.classes[1].name: expected a name that is not Car in other letters (case does not matter in labels: it would " +
        'learn nothing), got "CAR"',
    );
  });

  it("takes a detector by name and does without augmentation", () => {
    const { augmentation, ...rest } = whole;
    const recipe = parseRecipe(stringify({ ...rest, detector: "pointpillars-mini" }), "my.yaml");
    expect(recipe.detector).toEqual(builtinConfig("pointpillars-mini"));
    expect(recipe.augmentation).toBeUndefined();
  });

  it.each<[string, readonly (string | number)[], unknown, string]>([
    ["a string for a number", ["training", "epochs"], "ten", 'training.epochs: expected number, got "ten"'],
    ["a broken count", ["training", "batchSize"], 1.5, "training.batchSize: expected a whole number, got 1.5"],
    ["a missing key", ["training"], undefined, "training: expected object, got nothing"],
    ["an unknown key", ["training", "warmUp"], 1, "training.warmUp: expected no such key, got one"],
    [
      "a detector's key",
      ["detector", "voxelSize"],
      [0.1],
      "detector.voxelSize: expected a number of entries at least 3",
    ],
    ["rules of a detector", ["detector", "neck", "strides"], [1], "detector.neck.strides: expected 2 entries, as "],
    ["a detector of no name", ["detector"], "second", "detector: expected a whole detector, or one of second-mini, "],
    ["no detector", ["detector"], 3, "detector: expected object, got 3"],
    ["a neighbour", ["entropyLoss", "k"], "C/0", 'entropyLoss.k: expected a whole number, or C/n, got "C/0"'],
    ["a form of L2", ["entropyLoss", "l2", "form"], "abs", 'one of none, neg_square, neg_abs, hinge, got "abs"'],
    [
      "a ramp backwards",
      ["entropyLoss", "schedule"],
      { rise: [0.5, 0.2] },
      "rise: expected a beginning before the end",
    ],
    ["an estimator", ["entropyLoss", "estimator"], "mean", 'estimator: expected one of kl, author, got "mean"'],
    ["coverage", ["entropyLoss", "coverage"], "some", 'expected "all" or a list of block numbers, got "some"'],
    [
      "sampling of another class",
      ["augmentation", "sampling", 1, "class"],
      "Tram",
      'augmentation.sampling[1].class: expected one of Car, Pedestrian, Cyclist, got "Tram"',
    ],
    [
      "factors of objects backwards",
      ["augmentation", "objectScaling"],
      [1.1, 0.9],
      "augmentation.objectScaling[1]: expected at least the smallest factor 1.1",
    ],
    ["a class sampled twice", ["augmentation", "sampling", 1, "class"], "Car", "expected each class once"],
    [
      "factors crossed",
      ["augmentation", "scene", "scaling"],
      [1.1, 0.9],
      "augmentation.scene.scaling[1]: expected at least the smallest factor 1.1, got 0.9",
    ],
    ["a block too many", ["entropyLoss", "coverage"], [2], "entropyLoss.coverage[0]: expected a block below 2, got 2"],
    ["a block twice", ["entropyLoss", "coverage"], [1, 1], "entropyLoss.coverage[1]: expected each block once, got 1"],
  ])("names source, key, expected and got for %s", (_, path, value, message) => {
    expect(() => parseRecipe(edited(path, value), "my.yaml")).toThrow(/^my\.yaml: /);
    expect(() => parseRecipe(edited(path, value), "my.yaml")).toThrow(message);
  });

  it("tells how to divide an old file that had detector and training in one", () => {
    const { detector, ...rest } = whole;
    expect(() => parseRecipe(stringify({ ...detector, ...rest }), "old.yaml")).toThrow(
      "old.yaml: expected a recipe, got a detector in one flat mapping; move classes, pointRange, " +
        "voxelSize, maxPointsPerVoxel, maxVoxels, encoder, backbone, neck, batchNorm, anchors, loss, predict into a new " +
        'mapping "detector", with a "name" of its own; name, training, augmentation and entropyLoss stay beside it',
    );
  });

  it("says what a bare detector lacks", () => {
    expect(() => parseRecipe(builtinConfigText("second-mini"), "detector.yaml")).toThrow(
      "detector.yaml: expected a recipe, got a detector",
    );
  });
});

describe("openRecipe", () => {
  it("opens a name or a file, and says what there is otherwise", () => {
    expect(openRecipe("second-mini")).toEqual(builtinRecipe("second-mini"));
    const root = mkdtempSync(join(tmpdir(), "eloss-recipe-"));
    const file = join(root, "mine.yaml");
    writeFileSync(file, edited(["name"], "mine"));
    expect(openRecipe(file).name).toBe("mine");
    rmSync(root, { recursive: true });
    expect(() => openRecipe("nothing", "--untrained")).toThrow(
      /^--untrained nothing: expected one of second-mini, .*or the path of a YAML file$/,
    );
  });
});
