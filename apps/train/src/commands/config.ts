import { Command, Option } from "commander";
import { builtinConfigText } from "second-detector";
import {
  builtinRecipe,
  builtinRecipeNames,
  builtinRecipeText,
  isBuiltinRecipeName,
} from "../recipe/builtin-recipes.js";
import { WrongUse } from "../system/command-error.js";
import { printResult } from "../system/print-result.js";
import { jsonOption } from "./options.js";

const HELP = `
Examples:
  eloss config                                    names, one a line
  eloss config second-small > mine.yaml           a start for a recipe of one's own
  eloss config second-small --detector            the whole detector, for the recipe's key detector`;

export function configCommand(): Command {
  return new Command("config")
    .description("print a built-in recipe, or the names of all")
    .argument("[name]", "of a recipe that comes with the command")
    .addOption(new Option("--detector", "the detector's configuration instead of the recipe").default(false))
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(printConfig);
}

function printConfig(name: string | undefined, { detector, json }: { detector: boolean; json: boolean }): void {
  if (name === undefined) {
    printResult(json, builtinRecipeNames, builtinRecipeNames.join("\n"));
    return;
  }
  if (!isBuiltinRecipeName(name))
    throw new WrongUse(`config ${name}: expected one of ${builtinRecipeNames.join(", ")}`);
  const recipe = builtinRecipe(name);
  const text = detector ? builtinConfigText(name) : builtinRecipeText(name);
  printResult(json, detector ? recipe.detector : recipe, text.trimEnd());
}
