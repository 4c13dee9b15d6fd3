import { z } from "zod";

/** What the files of a run hold, as far as a report shows it. */

const average = z.union([z.number(), z.literal("NaN").transform(() => Number.NaN)]);
const level = z.object({ r11: average, r40: average, curve: z.array(average).optional() });
const levels = z.object({ easy: level, moderate: level, hard: level }).nullable();
const classes = z.record(z.string(), z.partialRecord(z.enum(["3d", "bev", "2d", "aos"]), levels));
const results = z.object({ frames: z.number(), strict: classes, loose: classes });

/** A line of `metrics.jsonl`. */
export const stepLine = z.object({
  step: z.number(),
  epoch: z.number(),
  losses: z.object({ total: z.number(), cls: z.number(), box: z.number(), dir: z.number(), entropy: z.number() }),
  entropy: z
    .object({ l1: z.number(), blocks: z.array(z.object({ block: z.number(), entropies: z.array(z.number()) })) })
    .optional(),
  seconds: z.number(),
});
export type StepLine = z.infer<typeof stepLine>;

/** A line of `validation.jsonl`. */
export const validationLine = results.extend({ step: z.number(), epoch: z.number() });

/** `eval.json`. */
export const evaluationFile = results.extend({
  split: z.string(),
  ids: z.array(z.string()),
  step: z.number(),
  ceiling: results.optional(),
});

/** `run.json`. */
export const runFile = z.object({
  settings: z.object({
    data: z.string(),
    split: z.string(),
    frames: z.array(z.string()),
    seed: z.number(),
    epochs: z.number(),
    batchSize: z.number(),
    entropyLoss: z.boolean(),
    augmentation: z.boolean(),
  }),
  environment: z.looseObject({
    started: z.string().optional(),
    node: z.string().optional(),
    tensorflowjs: z.string().optional(),
    platform: z.string().optional(),
    description: z.string().optional(),
    notes: z.array(z.string()).default([]),
  }),
});
export type RunFile = z.infer<typeof runFile>;
