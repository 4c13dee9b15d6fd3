import { checkAs, deepFreeze, parseYaml } from "checked-text";
import { stringify } from "yaml";
import { type Recipe, recipeSchema } from "./recipe-schema.js";

/** Keys of a recipe; whatever else an old, flat configuration has belongs to its detector. */
const RECIPE_KEYS = Object.keys(recipeSchema.shape);

/**
 * Reads a training recipe.
 * @param text YAML 1.2 (or JSON); `detector` is a mapping or the name of a detector that comes with second-detector
 * @param source what error messages call it: a path, say
 * @throws Error that names the source and each faulty key, with expected and got
 */
export function parseRecipe(text: string, source: string): Recipe {
  const value = parseYaml(text, source);
  refuseFlat(value, source);
  return deepFreeze(checkAs(value, recipeSchema, source));
}

/** A recipe as YAML, its detector whole. `parseRecipe` reads it back. */
export function recipeText(recipe: Recipe): string {
  return stringify(recipe, { aliasDuplicateObjects: false });
}

/** Once detector and training were one flat mapping. @throws Error saying what to move where */
function refuseFlat(value: unknown, source: string): void {
  if (typeof value !== "object" || value === null || "detector" in value || !("classes" in value)) return;
  const moved = Object.keys(value).filter((key) => !RECIPE_KEYS.includes(key));
  throw new Error(
    `${source}: expected a recipe, got a detector in one flat mapping; move ${moved.join(", ")} into a new mapping ` +
      '"detector", with a "name" of its own; name, training, augmentation and entropyLoss stay beside it',
  );
}
