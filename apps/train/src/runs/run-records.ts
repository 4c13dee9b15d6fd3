import { existsSync, readFileSync } from "node:fs";
import { checkAs, parseJson } from "checked-text";
import { z } from "zod";
import type { RunFolder } from "./run-folder.js";
import { readLines } from "./run-lines.js";

/** What a run has written down, as far as it is read again. JSON has no NaN, so it is the text "NaN" in these files. */

const average = z.union([z.number(), z.literal("NaN").transform(() => Number.NaN)], { error: "expected a number" });
const level = z.object({ r11: average, r40: average, curve: z.array(average).optional() });
const levels = z.object({ easy: level, moderate: level, hard: level }).nullable();
const classes = z.record(z.string(), z.partialRecord(z.enum(["3d", "bev", "2d", "aos"]), levels));
const results = z.object({ frames: z.number(), strict: classes, loose: classes });

const stepLine = z.object({
  step: z.number(),
  epoch: z.number(),
  losses: z.object({ total: z.number(), cls: z.number(), box: z.number(), dir: z.number(), entropy: z.number() }),
  entropy: z
    .object({ l1: z.number(), blocks: z.array(z.object({ block: z.number(), entropies: z.array(z.number()) })) })
    .optional(),
  seconds: z.number(),
});
const validationLine = results.extend({ step: z.number(), epoch: z.number() });
const evaluationFile = results.extend({
  split: z.string(),
  ids: z.array(z.string()),
  step: z.number(),
  ceiling: results.optional(),
});

/** A line of `metrics.jsonl`. */
export type StepLine = z.infer<typeof stepLine>;
/** A line of `validation.jsonl`: what the official metrics found after an epoch. */
export type ValidationLine = z.infer<typeof validationLine>;
/** `eval.json`. */
export type EvaluationFile = z.infer<typeof evaluationFile>;

/** Every step so far. @throws Error naming file, line and key of a fault */
export function readSteps({ metrics }: RunFolder): StepLine[] {
  return readLines(metrics, stepLine);
}

/** Every evaluation during training so far. @throws Error naming file, line and key of a fault */
export function readValidations({ validation }: RunFolder): ValidationLine[] {
  return readLines(validation, validationLine);
}

/** The latest evaluation, if there was one. @throws Error naming file and key of a fault */
export function readEvaluation({ evaluation }: RunFolder): EvaluationFile | undefined {
  if (!existsSync(evaluation)) return undefined;
  return checkAs(parseJson(readFileSync(evaluation, "utf8"), evaluation), evaluationFile, evaluation);
}
