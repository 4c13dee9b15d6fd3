import { existsSync } from "node:fs";
import { FILE_USES, readText } from "../system/read-file.js";
import { builtinRecipe, builtinRecipeNames, isBuiltinRecipeName } from "./builtin-recipes.js";
import { parseRecipe } from "./parse-recipe.js";
import type { Recipe } from "./recipe-schema.js";

/**
 * A recipe by its built-in name or the path of a YAML file.
 * @param option of the command line, for error messages
 * @throws Error if it is neither, or the file is wrong
 */
export function openRecipe(nameOrPath: string, option = "--config"): Recipe {
  if (isBuiltinRecipeName(nameOrPath)) return builtinRecipe(nameOrPath);
  if (!existsSync(nameOrPath)) {
    throw new Error(
      `${option} ${nameOrPath}: expected one of ${builtinRecipeNames.join(", ")} or the path of a YAML file`,
    );
  }
  return readRecipe(nameOrPath);
}

/** The recipe in a file. @throws Error naming the file, and what is wrong with it */
export function readRecipe(path: string): Recipe {
  return parseRecipe(readText(path, FILE_USES.recipe), path);
}
