import * as z from "zod";

const count = z.number().int().min(0);

/** What is known about a trained detector, for people who decide whether to use it. */
export const modelCardSchema = /* @__PURE__ */ z.strictObject({
  /** one sentence */
  description: z.string(),
  license: z.string(),
  /** makes the same file again, byte for byte on a processor of the same kind */
  command: z.string(),
  training: z.strictObject({
    /** what the frames are and how they were made */
    data: z.string(),
    frames: count,
    epochs: count,
    /** optimiser steps */
    steps: count,
    seed: count,
    /** trained on the Entropy Loss, too */
    entropyLoss: z.boolean(),
  }),
  /** AP of frames that it has not seen */
  validation: z.strictObject({
    data: z.string(),
    frames: count,
    /** 3D AP at 40 recalls, moderate, official overlaps, %; `perfect`: what a perfect detector gets on these frames */
    averages: z.record(z.string(), z.strictObject({ found: z.number(), perfect: z.number() })),
  }),
});

/** What is known about a trained detector. */
export type ModelCard = Readonly<z.infer<typeof modelCardSchema>>;
