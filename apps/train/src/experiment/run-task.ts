import { z } from "zod";

/** A run as a process makes it, without the plan that it belongs to. */
export const runTaskSchema = z.object({
  /** of the run */
  folder: z.string(),
  /** what it prints */
  log: z.string(),
  /** how it ended, if it failed */
  failure: z.string(),
  /** of `eloss`: make the run, or go on with it */
  args: z.array(z.string()),
});

export type RunTask = Readonly<z.infer<typeof runTaskSchema>>;
