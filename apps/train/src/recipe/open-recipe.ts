import { existsSync } from "node:fs";
import { FILE_USES, readText } from "../system/read-file.js";
import { builtinRecipe, builtinRecipeNames, isBuiltinRecipeName } from "./builtin-recipes.js";
import { parseRecipe } from "./parse-recipe.js";
import type { Recipe } from "./recipe-schema.js";
import { setFields } from "./set-fields.js";

/**
 * A recipe by its built-in name or the path of a YAML file.
 * @param option of the command line, for error messages
 * @param changes of its fields, as {@link setFields} takes them
 * @throws Error if it is neither, or the file or a change is wrong
 */
export function openRecipe(nameOrPath: string, option = "--config", changes: readonly string[] = []): Recipe {
  return setFields(findRecipe(nameOrPath, option), changes);
}

function findRecipe(nameOrPath: string, option: string): Recipe {
  if (isBuiltinRecipeName(nameOrPath)) return builtinRecipe(nameOrPath);
  if (!existsSync(nameOrPath)) {
    throw new Error(
      `${option} ${nameOrPath}: expected one of ${builtinRecipeNames.join(", ")} or the path of a YAML file`,
    );
  }
  return readRecipe(nameOrPath);
}

/**
 * As {@link openRecipe}, where the command line may name none.
 * @throws Error, too, if there are changes and no recipe to change
 */
export function openRecipeIfNamed(
  nameOrPath: string | undefined,
  option: string,
  changes: readonly string[],
): Recipe | undefined {
  if (nameOrPath !== undefined) return openRecipe(nameOrPath, option, changes);
  if (changes.length > 0) throw new Error(`--set ${changes[0]}: expected ${option}, whose recipe it changes`);
  return undefined;
}

/** The recipe in a file. @throws Error naming the file, and what is wrong with it */
export function readRecipe(path: string): Recipe {
  return parseRecipe(readText(path, FILE_USES.recipe), path);
}
