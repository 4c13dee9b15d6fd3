import { readValidations } from "../runs/run-records.js";
import { counted } from "../system/counted.js";
import type { ExperimentSetup, PlannedRun } from "./planned-run.js";

/**
 * That the finished runs in folders were evaluated on as many frames each, and on no more than there are to evaluate on: a run is asked for
 * by the frames that it learns from alone. Says so if it were fewer, as some were left out or the list was another one.
 * @throws Error naming runs and frames, with what to do
 */
export function expectSameEvaluation(
  finished: readonly PlannedRun[],
  { validationFrames }: Pick<ExperimentSetup, "validationFrames">,
): void {
  const most = validationFrames.length;
  const remedy = "leave that --merge out, give the frames to evaluate on that it was given, or delete that run";
  let first: { readonly path: string; readonly frames: number } | undefined;
  for (const { folder } of finished) {
    const frames = readValidations(folder).at(-1)?.frames ?? 0;
    if (frames > most)
      throw new Error(
        `${folder.path}: expected a run evaluated on ${counted(most, "frame")}, got one on ${frames}; ${remedy}`,
      );
    first ??= { path: folder.path, frames };
    if (frames !== first.frames)
      throw new Error(
        `${folder.path}: expected a run evaluated on ${counted(first.frames, "frame")}, as ${first.path} was, got one on ` +
          `${frames}; ${remedy}`,
      );
  }
  if (first !== undefined && first.frames < most)
    process.stderr.write(`finished runs were evaluated on ${first.frames} of ${counted(most, "frame")}\n`);
}
