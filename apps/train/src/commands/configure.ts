import { existsSync } from "node:fs";
import { printable, quoted } from "checked-text";
import { Command, InvalidArgumentError } from "commander";
import type { BackendName } from "open-backend";
import { estimateStepMemory } from "second-detector";
import { configurationPage } from "../configure/configuration-page.js";
import { measureStep, type StepCost } from "../configure/measure-step.js";
import { type Proposal, proposeRecipe, type Reason } from "../configure/propose-recipe.js";
import { columnsOf, nameOfData, surveyData } from "../configure/survey.js";
import { doubtLines } from "../frames/frame-doubts.js";
import { describeLeftOut } from "../frames/frame-fault.js";
import { resolveSplit } from "../frames/frame-split.js";
import { openDataSource } from "../frames/open-data-source.js";
import { openRecipe } from "../recipe/open-recipe.js";
import { parseRecipe, recipeText } from "../recipe/parse-recipe.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import { counted } from "../system/counted.js";
import { printResult } from "../system/print-result.js";
import { formatDuration, startProgress } from "../system/progress.js";
import { startBackend } from "../system/start-backend.js";
import { backendOption, columnsOption, jsonOption, list, setOption, splitOption } from "./options.js";
import { requireWritable } from "./require-writable.js";
import { shellWord } from "./shell-word.js";

interface ConfigureFlags {
  readonly base: string;
  readonly set: readonly string[];
  readonly split: string;
  readonly classes?: readonly string[];
  readonly map?: Readonly<Record<string, string>>;
  readonly columns?: readonly string[];
  readonly backend: BackendName;
  readonly out?: string;
  readonly json: boolean;
}

const HELP = `
Example:
  eloss configure my-scans --base second-small
  eloss train --data my-scans --split all --config my-scans.yaml --init-weights second-small-full
  eloss eval --data my-scans --split all --run runs/my-scans-seed0

DATA holds points/ID.npy (.bin, .pcd, .ply) and labels/ID.txt with a line an object, x y z dx dy dz yaw class, as OpenPCDet has it
for data of one's own; or lidar/ and label/ of SUSTechPOINTS; or KITTI's folders. The recipe is a start: classes and their anchors,
range, voxels, epochs and augmentation follow from labels and scans, with the reasons in a table; all else is that of --base.
Beside it stands a page with scans, boxes, range and anchors drawn to scale. A few steps are taken to say how long training lasts.`;

export function configureCommand(): Command {
  return new Command("configure")
    .description("write a recipe for a data set, with a reason for each of its numbers and a picture")
    .argument("<data>", "folder of the data")
    .option("--base <recipe>", "what to start from: a built-in recipe or a file", "second-small")
    .addOption(setOption())
    .addOption(splitOption("all"))
    .option("--classes <names>", "classes to find, with commas (default: those with 3 objects or more)", list)
    .option("--map <labels>", "labels that belong to another class: BUS=Car,VAN=Car; case does not matter", mapping)
    .addOption(columnsOption("told by their values"))
    .option("--out <file>", "recipe to write (default: the data's name.yaml); the page is called the same, .html")
    .addOption(backendOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(configure);
}

async function configure(root: string, flags: ConfigureFlags): Promise<void> {
  const base = openRecipe(flags.base, "--base", flags.set);
  const plain = openDataSource(root);
  plain.requireLabels();
  const ids = resolveSplit(plain, flags.split);
  const out = flags.out ?? `${nameOfData(plain)}.yaml`;
  const page = `${out.replace(/\.ya?ml$/i, "")}.html`;
  for (const file of [out, page]) {
    if (existsSync(file)) throw new Error(`--out ${out}: expected new files, found ${file}; name another or delete it`);
    requireWritable(file);
  }
  const { classes, ...given } = base.data ?? {};
  const columns = flags.columns ?? given.columns ?? columnsOf(plain, ids[0]);
  const reading = { ...given, ...(columns && { columns }) };
  const named = { ...classes, ...flags.map };
  const data = openDataSource(root, { reading });
  const progress = startProgress("configure", ids.length);
  const survey = await surveyData(data, ids, {
    classes: named,
    onFrame: (id) => progress.advance(id),
    onFault: (frame) => progress.mention(describeLeftOut(frame)),
  }).finally(progress.stop);
  const name = nameOfData(data);
  const mapped = Object.keys(named).length === 0 ? reading : { ...reading, classes: named };
  const proposal = proposeRecipe({ name, base, survey, reading: mapped, classes: flags.classes });
  const text = recipeText(proposal.recipe);
  const recipe = parseRecipe(text, out);
  await startBackend(flags.backend);
  const scans = survey.scans.map(({ id }) => id);
  const cost = await measureStep(recipe, root, scans);
  const reasons = [...proposal.reasons, ...reasonsOfCost(proposal, cost)];
  const commands = commandsFor(proposal, { root, split: flags.split, out, frames: scans });
  writeFileAtomic(out, text);
  writeFileAtomic(page, configurationPage({ ...proposal, reasons }, { root, survey, commands }));
  const odd = doubtLines(
    survey.doubts,
    "look at the page before you train; --columns names what a point of such a file has",
  );
  const doubts = [...proposal.doubts, ...odd];
  const lines = [
    `${counted(survey.frames, "frame")}, ${counted(survey.objects.length, "object")}`,
    ...proposal.doubts,
    ...tableLines(reasons),
    ...odd,
    `${out}: the recipe; ${page}: the same as a picture`,
    ...commands,
  ];
  const { initialWeights } = proposal;
  const [stepSeconds, residentBytes] = [cost.seconds, cost.residentBytes];
  const document = { file: out, page, recipe, reasons, doubts, commands, initialWeights, stepSeconds, residentBytes };
  printResult(flags.json, document, printable(lines.join("\n")));
}

/** What a training will take, by a few steps of it. */
function reasonsOfCost({ recipe, steps }: Proposal, { seconds, residentBytes, steps: measured }: StepCost): Reason[] {
  const { epochs, batchSize } = recipe.training;
  const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  const bound = gigabytes(estimateStepMemory(recipe.detector, { batchSize }));
  return [
    [
      "time",
      `${formatDuration(1000 * seconds * steps)}, an epoch ${formatDuration((1000 * seconds * steps) / epochs)}`,
      `${seconds.toFixed(2)} s a step, the mean of ${measured} here`,
    ],
    ["memory", gigabytes(residentBytes), `as this process; weights and maps of a step up to ${bound}`],
  ];
}

/** One command each to train, evaluate and see. */
function commandsFor(
  { recipe: { name }, initialWeights }: Proposal,
  {
    root,
    split,
    out,
    frames,
  }: { readonly root: string; readonly split: string; readonly out: string; readonly frames: readonly string[] },
): string[] {
  const weights = initialWeights === undefined ? "" : ` --init-weights ${initialWeights}`;
  const [data, config, run] = [root, out, `runs/${name}-seed0`].map(shellWord);
  const splitWord = shellWord(split);
  return [
    `eloss train --data ${data} --split ${splitWord} --config ${config}${weights}`,
    `eloss eval --data ${data} --split ${splitWord} --run ${run} --overlap 0.5`,
    `eloss view ${data} ${shellWord(frames[0])} --run ${run}`,
  ];
}

function tableLines(reasons: readonly Reason[]): string[] {
  const widths = [0, 1].map((column) => Math.max(...reasons.map((row) => row[column].length)));
  return reasons.map(([key, value, why]) => `  ${key.padEnd(widths[0])}  ${value.padEnd(widths[1])}  ${why}`);
}

/** `BUS=Car,TRUCK=Car` as a mapping. */
function mapping(text: string): Record<string, string> {
  const pairs = text.split(",").map((each) => each.split("=").map((part) => part.trim()));
  for (const [label, name, ...more] of pairs) {
    if (label && name && more.length === 0) continue;
    throw new InvalidArgumentError(`expected LABEL=CLASS, with commas, got ${quoted(text)}.`);
  }
  return Object.fromEntries(pairs);
}
