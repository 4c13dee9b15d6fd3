import { existsSync } from "node:fs";
import { checkAs, parseJson } from "checked-text";
import { z } from "zod";
import { FILE_USES, readText } from "../system/read-file.js";
import type { RunFolder } from "./run-folder.js";
import { readLastLine, readLines, writtenNumber } from "./run-lines.js";

/** What a run has written down, as far as it is read again. */

const number = writtenNumber;
const level = z.object({ r11: number, r40: number, curve: z.array(number).optional() });
const levels = z.object({ easy: level, moderate: level, hard: level }).nullable();
const classes = z.record(z.string(), z.partialRecord(z.enum(["3d", "bev", "2d", "aos"]), levels));
const results = z.object({ frames: z.number(), strict: classes, loose: classes });

const stepLine = z.object({
  step: z.number(),
  epoch: z.number(),
  losses: z.object({ total: number, cls: number, box: number, dir: number, entropy: number }),
  entropy: z
    .object({ l1: number, blocks: z.array(z.object({ block: z.number(), entropies: z.array(number) })) })
    .optional(),
  seconds: z.number(),
});
const percents = z.record(z.string(), number.nullable());
const group = { objects: z.number(), ap: percents, ceiling: number.nullable() };
const bands = z.array(z.object({ from: z.number(), to: z.number().nullable(), ...group }));
const errors = z.object({
  centre: number,
  z: number,
  length: number,
  width: number,
  height: number,
  heading: number,
  flipped: number,
});
const classMeasures = z.object({
  name: z.string(),
  overlap: z.number(),
  objects: z.number(),
  all: z.object(group),
  byDistance: bands,
  byPoints: bands,
  recall: number.nullable(),
  precision: number.nullable(),
  falsePositivesPerFrame: number.nullable(),
  errors: errors.nullable(),
});
const tables = z.object({
  frames: z.number(),
  match: z.enum(["overlap", "centre"]),
  score: z.number(),
  classes: z.array(classMeasures),
  confusion: z.array(z.object({ detected: z.string(), object: z.string(), count: z.number() })),
});
/** Of data that are not KITTI's there are no official results. */
const official = results.partial({ strict: true, loose: true });
const figures = z.object({ strict: classes, loose: classes }).partial();
const validationLine = official.extend({
  step: z.number(),
  epoch: z.number(),
  /** of every class, where there are none */
  averages: z.record(z.string(), percents).optional(),
  /** The same of the weights' running average, where the recipe has one and this is the last evaluation. */
  average: figures.optional(),
});
const evaluationFile = official.extend({
  frames: z.number().optional(),
  split: z.string(),
  ids: z.array(z.string()),
  step: z.number(),
  /** Which of the checkpoint's. */
  weights: z.enum(["last", "average"]).optional(),
  ceiling: results.optional(),
  tables: tables.optional(),
  reasons: z.array(z.string()).optional(),
});

/** A line of `metrics.jsonl`. */
export type StepLine = z.infer<typeof stepLine>;
/** A line of `validation.jsonl`: what an evaluation found after an epoch. */
export type ValidationLine = z.infer<typeof validationLine>;
/** `eval.json`. */
export type EvaluationFile = z.infer<typeof evaluationFile>;

/** Every step so far. @throws Error naming file, line and key of a fault */
export function readSteps({ metrics }: RunFolder): StepLine[] {
  return [...readLines(metrics, stepLine)];
}

const lossLine = z.object({ epoch: z.number(), losses: z.object({ total: number }) });

/** Mean total loss of the first and of the last epoch; none before the first step. @throws as {@link readSteps} */
export function readEpochLosses({ metrics }: RunFolder): { readonly first?: number; readonly last?: number } {
  const means: { epoch: number; sum: number; count: number }[] = [];
  for (const { epoch, losses } of readLines(metrics, lossLine)) {
    if (means.at(-1)?.epoch !== epoch) means.splice(1, 1, { epoch, sum: 0, count: 0 });
    const of = means.at(-1)!;
    of.sum += losses.total;
    of.count += 1;
  }
  if (means.length === 0) return {};
  const [first, last = first] = means.map(({ sum, count }) => sum / count);
  return { first, last };
}

/** Every evaluation during training so far. @throws Error naming file, line and key of a fault */
export function readValidations({ validation }: RunFolder): ValidationLine[] {
  return [...readLines(validation, validationLine)];
}

/** The last evaluation during training so far. @throws Error naming file and key of a fault */
export function readLastValidation({ validation }: RunFolder): ValidationLine | undefined {
  return readLastLine(validation, validationLine);
}

/** The latest evaluation, if there was one. @throws Error naming file and key of a fault */
export function readEvaluation({ evaluation }: RunFolder): EvaluationFile | undefined {
  if (!existsSync(evaluation)) return undefined;
  return checkAs(parseJson(readText(evaluation, FILE_USES.evaluation), evaluation), evaluationFile, evaluation);
}
