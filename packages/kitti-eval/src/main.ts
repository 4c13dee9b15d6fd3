import { readFileSync } from "node:fs";
import { printable } from "checked-text";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { evaluateCameraBoxes } from "./camera-boxes.js";
import { renderTables } from "./detections/render-tables.js";
import { encodeEvaluation } from "./encode-evaluation.js";
import { type Evaluation, evaluateColumns } from "./evaluate-kitti.js";
import { formatEvaluation } from "./format-evaluation.js";
import { perfectColumns } from "./object-columns.js";
import { readFolders } from "./read-folders.js";
import { EVALUATION_CLASSES, type EvaluationClass } from "./rules.js";

/** Where a command writes. */
export interface CommandOutput {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

interface Options {
  readonly json?: boolean;
  readonly ceiling?: boolean;
  readonly tables?: boolean;
  readonly class?: readonly EvaluationClass[];
}

const HELP = `
Files
  GT_DIR      label files NNNNNN.txt, 15 columns: type truncated occluded alpha, image box left top right bottom,
              height width length, x y z (bottom centre, camera frame), rotation_y. A folder with label_2/ will do.
  RESULT_DIR  result files of the same names, 16 columns: the last is the score. A folder with data/ will do.
  Only frames with a result file are evaluated. A frame where nothing was found needs an empty file: without it, its
  objects are not missed.

Reading the table
  R40 is the benchmark's AP of today (mean of 40 points), R11 the one of before October 2019. Do not mix them.
  strict is the official overlap (car .70, others .50); loose is .50 and .25, on the ground (BEV) and in 3D.
  easy, mod(erate), hard: height over 40, 25, 25 px; occlusion up to 0, 1, 2; truncation up to .15, .30, .50.
  -    not evaluated (null in JSON): no detection of the class has such a box; for AOS also where one has alpha -10.
  NaN  the official evaluation divides 0 by 0 here.
  --tables judges all objects with a box in space, whatever their size in the image, from the camera's place.
  With fewer than 40 objects of a level even a perfect detector stays below 100 (3 cars: R40 5.00): see --ceiling.

Exit status: 0 done, 1 files missing or malformed, 2 wrong use.

Examples
  kitti-eval training/label_2 results/data
  kitti-eval training/label_2 results --ceiling --class car
  kitti-eval training/label_2 results --tables
  kitti-eval training/label_2 results --json > eval.json`;

/**
 * The `kitti-eval` command.
 * @param argv what follows the command's name
 * @returns the exit status: 0 done, 1 files missing or malformed, 2 wrong use
 */
export async function main(argv: readonly string[], { stdout, stderr }: CommandOutput): Promise<number> {
  // Names of files and classes may hold anything.
  const output = { stdout, stderr: (text: string) => stderr(printable(text)) };
  let status = 0;
  const command = new Command("kitti-eval")
    .version(version(), "-V, --version", "print the version")
    .description("The official KITTI object metrics: 2D, AOS, BEV and 3D average precision, in percent.")
    .argument("<GT_DIR>", "folder of label files")
    .argument("<RESULT_DIR>", "folder of result files")
    .option("--json", "print every number and curve as JSON: strict|loose, class, metric, level, r11|r40|curve")
    .option("--ceiling", "also print the AP that a perfect detector reaches on these frames")
    .option(
      "--tables",
      "also every labelled class at its usual overlap: AP by distance, recall, precision, errors, confusion",
    )
    .option("--class <names>", "only these classes: car, pedestrian, cyclist; may be repeated", addClasses)
    .addHelpText("after", HELP)
    .exitOverride()
    .configureOutput({ writeOut: output.stdout, writeErr: output.stderr, getOutHelpWidth: () => 110 })
    .showHelpAfterError("(kitti-eval --help explains)")
    .action(async (labelDir: string, resultDir: string, options: Options) => {
      status = await evaluateFolders(labelDir, resultDir, { options, output });
    });
  try {
    await command.parseAsync(argv, { from: "user" });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}

/** Of the package, the same from src/ and from dist/. */
function version(): string {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
}

/** Adds a comma-separated list of classes to those of earlier options. */
function addClasses(text: string, before: readonly EvaluationClass[] = []): readonly EvaluationClass[] {
  const names = text.split(",").map((word) => {
    const name = EVALUATION_CLASSES.find((known) => known === word.trim().toLowerCase());
    if (name === undefined) throw new InvalidArgumentError(`Expected car, pedestrian or cyclist, got ${word}.`);
    return name;
  });
  return [...before, ...names];
}

async function evaluateFolders(
  labelDir: string,
  resultDir: string,
  { options, output }: { options: Options; output: CommandOutput },
): Promise<number> {
  const keepObjects = options.tables ?? false;
  const frames = await readFolders(labelDir, resultDir, { keepObjects }).catch((error: unknown) => {
    output.stderr(`kitti-eval: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  });
  if (frames === undefined) return 1;
  if (frames.ids.length < frames.labelCount) {
    output.stderr(`kitti-eval: note: ${frames.ids.length} of ${frames.labelCount} label files have results\n`);
  }
  for (const [type, count] of frames.unknownClasses) {
    output.stderr(`kitti-eval: note: ${count} of the detections are of ${JSON.stringify(type)}, no class of KITTI\n`);
  }
  const { groundTruth, detections } = frames;
  const result = evaluateColumns(groundTruth, detections);
  const ceiling = options.ceiling ? evaluateColumns(groundTruth, perfectColumns(groundTruth)) : undefined;
  const tables = frames.objects && evaluateCameraBoxes(frames.objects, options.class);
  const classes = EVALUATION_CLASSES.filter((name) => options.class?.includes(name) ?? true);
  const text = options.json
    ? encodeEvaluation({
        ...onlyClasses(result, classes),
        ...(ceiling === undefined ? {} : { ceiling: onlyClasses(ceiling, classes) }),
        ...(tables === undefined ? {} : { tables }),
      })
    : [formatEvaluation(result, { ceiling, classes }), ...(tables === undefined ? [] : [renderTables(tables)])].join(
        "\n\n",
      );
  output.stdout(`${text}\n`);
  return 0;
}

function onlyClasses(result: Evaluation, classes: readonly EvaluationClass[]): Partial<Evaluation> {
  const pick = (part: Evaluation["strict"] | Evaluation["loose"]) =>
    Object.fromEntries(classes.map((name) => [name, part[name]]));
  return { frames: result.frames, strict: pick(result.strict), loose: pick(result.loose) } as Partial<Evaluation>;
}
