import { describe, expect, it } from "vitest";
import { builtinRecipe } from "../src/recipe/builtin-recipes.js";
import { openRecipeIfNamed } from "../src/recipe/open-recipe.js";
import { parseRecipe, recipeText } from "../src/recipe/parse-recipe.js";
import { setFields } from "../src/recipe/set-fields.js";

const recipe = builtinRecipe("second-small");
const set = (...changes: string[]) => setFields(recipe, changes);

describe("setFields", () => {
  it("changes numbers, texts, choices and lists, each as its field has it", () => {
    const { training, name, entropyLoss, detector } = set(
      "training.learningRate=1e-3",
      "training.betas=[0.9, 0.999]",
      "training.betas.1=0.99",
      "name=2024", // a text that YAML would take for a number
      "entropyLoss.k=C/4",
      "entropyLoss.coverage=[0]",
      "entropyLoss.l2.form=hinge",
      "detector.classes[0].anchorSize.0=4.1",
    );
    expect(training).toEqual({ ...recipe.training, learningRate: 1e-3, betas: [0.9, 0.99] });
    expect(name).toBe("2024");
    expect(entropyLoss).toMatchObject({ k: "C/4", coverage: [0], l2: { ...recipe.entropyLoss.l2, form: "hinge" } });
    expect(detector.classes[0].anchorSize[0]).toBe(4.1);
    expect(detector.classes[1]).toEqual(recipe.detector.classes[1]);
  });

  it("takes whole mappings and detectors by name, and leaves optional fields out", () => {
    expect(set("detector=pointpillars-small").detector).toEqual(builtinRecipe("pointpillars-small").detector);
    expect(set("augmentation=null")).not.toHaveProperty("augmentation");
    expect(set("augmentation=null", "augmentation.objectScaling=[0.9, 1.1]").augmentation).toEqual({
      objectScaling: [0.9, 1.1],
    });
    expect(set("data.classes.Van=Car").data).toEqual({ classes: { Van: "Car" } });
  });

  it("leaves the recipe itself as it was, and what comes out can be written and read", () => {
    const before = recipeText(recipe);
    const changed = set("training.epochs=3");
    expect(recipeText(recipe)).toBe(before);
    expect(parseRecipe(recipeText(changed), "again")).toEqual(changed);
    expect(set()).toBe(recipe);
  });

  it.each([
    [
      "training.learningrate=1",
      /expected a field of a recipe, got "training\.learningrate"; the nearest is training\.learningRate$/,
    ],
    ["learningRate=1", /the nearest is training\.learningRate$/],
    ["entropyLoss.l2.wight=1", /the nearest is entropyLoss\.l2\.weight$/],
    ["training.epochs.first=1", /expected a field of a recipe/],
    ["training.epochs", /^--set training\.epochs: expected FIELD=VALUE, such as training\.learningRate=1e-3$/],
    ["training.epochs=0", /^--set training\.epochs=0: training\.epochs: expected a number above 0, got 0$/],
    ["training.epochs=many", /training\.epochs: expected .*number, got "many"$/],
    ["training.epochs=null", /training\.epochs: expected .*number, got nothing$/],
    ["training.betas.2=0.5", /expected a field of a recipe/],
    ["training.betas=[0.9]", /training\.betas/],
    ["training.betas=[0.9", /^--set training\.betas=\[0\.9: expected YAML/],
    ["entropyLoss.coverage=[9]", /entropyLoss\.coverage\[0\]: expected a block below/],
    ["__proto__.polluted=1", /expected a field of a recipe/],
  ])("%s is refused", (change, message) => {
    expect(() => set(change)).toThrow(message);
  });
});

describe("openRecipeIfNamed", () => {
  it("wants a recipe to change", () => {
    expect(openRecipeIfNamed(undefined, "--config", [])).toBeUndefined();
    expect(openRecipeIfNamed("second-small", "--config", ["training.epochs=2"])?.training.epochs).toBe(2);
    expect(() => openRecipeIfNamed(undefined, "--config", ["training.epochs=2"])).toThrow(
      "--set training.epochs=2: expected --config, whose recipe it changes",
    );
  });
});
