import { existsSync } from "node:fs";
import { Command } from "commander";
import { estimateStepMemory } from "second-detector";
import { proposeRecipe } from "../configure/propose-recipe.js";
import { columnsOf, nameOfData, surveyData } from "../configure/survey.js";
import { describeLeftOut } from "../frames/frame-fault.js";
import { resolveSplit } from "../frames/frame-split.js";
import { openDataSource } from "../frames/open-data-source.js";
import { openRecipe } from "../recipe/open-recipe.js";
import { parseRecipe, recipeText } from "../recipe/parse-recipe.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import { printResult } from "../system/print-result.js";
import { startProgress } from "../system/progress.js";
import { jsonOption, setOption, splitOption } from "./options.js";

interface ConfigureFlags {
  readonly base: string;
  readonly set: readonly string[];
  readonly split: string;
  readonly classes?: readonly string[];
  readonly columns?: readonly string[];
  readonly out?: string;
  readonly json: boolean;
}

const HELP = `
Example:
  eloss configure my-scans --base second-small
  eloss train --data my-scans --split all --config my-scans.yaml
  eloss eval --data my-scans --split all --run runs/my-scans-seed0

DATA holds points/ID.npy (.bin, .pcd, .ply) and labels/ID.txt with a line an object, x y z dx dy dz yaw class, as OpenPCDet has it
for data of one's own; or lidar/ and label/ of SUSTechPOINTS; or KITTI's folders. The recipe is a start: classes and their
anchors, range and voxels are taken from the labels and scans, with the reasons in a table; all else is that of --base.`;

const list = (text: string) => text.split(",").map((each) => each.trim());

export function configureCommand(): Command {
  return new Command("configure")
    .description("write a recipe for a data set: its classes, range, anchors and voxels")
    .argument("<data>", "folder of the data")
    .option("--base <recipe>", "what to start from: a built-in recipe or a file", "second-small")
    .addOption(setOption())
    .addOption(splitOption("all"))
    .option("--classes <names>", "classes to find, with commas (default: those with 5 objects or more)", list)
    .option(
      "--columns <names>",
      "numbers of a point in .bin and .npy files, with commas (default: told by their values)",
      list,
    )
    .option("--out <file>", "recipe to write (default: the data's name.yaml)")
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(configure);
}

async function configure(root: string, flags: ConfigureFlags): Promise<void> {
  const base = openRecipe(flags.base, "--base", flags.set);
  const plain = openDataSource(root);
  const ids = resolveSplit(plain, flags.split);
  const columns = flags.columns ?? columnsOf(plain, ids[0]);
  const reading = columns === undefined ? {} : { columns };
  const data = openDataSource(root, { reading });
  const name = nameOfData(data);
  const out = flags.out ?? `${name}.yaml`;
  if (existsSync(out)) throw new Error(`--out ${out}: expected a new file, found one; name another or delete it`);
  const progress = startProgress("configure", ids.length);
  const survey = await surveyData(data, ids, {
    onFrame: (id) => progress.advance(id),
    onFault: (frame) => progress.mention(describeLeftOut(frame)),
  }).finally(progress.stop);
  const { recipe, reasons } = proposeRecipe({ name, base, survey, reading, classes: flags.classes });
  const text = recipeText(recipe);
  parseRecipe(text, out);
  writeFileAtomic(out, text);
  const gigabytes = estimateStepMemory(recipe.detector, { batchSize: recipe.training.batchSize }) / 2 ** 30;
  const widths = [0, 1].map((column) => Math.max(...reasons.map((row) => row[column].length)));
  const table = reasons.map(([key, value, why]) => `  ${key.padEnd(widths[0])}  ${value.padEnd(widths[1])}  ${why}`);
  const lines = [
    `${survey.frames} frames, ${survey.objects.length} objects`,
    ...table,
    `a step takes up to about ${gigabytes.toFixed(1)} GiB`,
    `${out}: \`eloss train --data ${root} --split ${flags.split} --config ${out}\` trains it`,
  ];
  printResult(flags.json, { file: out, recipe, reasons, stepGigabytes: gigabytes }, lines.join("\n"));
}
