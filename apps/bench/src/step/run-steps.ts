import type { Recipe } from "eloss/step";
import { buildAnchors } from "second-detector";
import { withFrames } from "../frames.js";
import { inProcess } from "../in-process.js";
import type { StepFigures } from "../report.js";
import { makeBatch, readFrames } from "./batch-stages.js";
import { type PytorchOptions, runPytorch } from "./pytorch-peer.js";
import type { StepJob } from "./step-job.js";

/** A step at full size takes one frame, others two. */
const batchSizeOf = ({ name }: Recipe) => (name === "second-kitti" ? 1 : 2);

/** Where the step's frames come from, and what to run. */
export interface StepRunOptions extends Pick<StepJob, "quick" | "rates" | "bf16" | "seconds"> {
  readonly recipes: readonly Recipe[];
  /** KITTI root; without one, simulated scenes */
  readonly data: string | undefined;
  readonly threads: number;
  /** a Python that has PyTorch, to run the same steps, and in which ways */
  readonly pytorch?: Pick<PytorchOptions, "python" | "arms"> | undefined;
  readonly onStep?: (title: string) => void;
}

/** Measures the step of each recipe without and with the Entropy Loss, each in a process of its own. */
export function runSteps(options: StepRunOptions): Promise<StepFigures[]> {
  const { recipes, threads, pytorch, quick, rates, bf16, seconds, onStep } = options;
  return withFrames(options.data, async (data, ids) => {
    const steps: StepFigures[] = [];
    for (const recipe of recipes) {
      const job = { recipe, data, frames: ids.slice(-batchSizeOf(recipe)) };
      if (pytorch) onStep?.(`${recipe.name} in PyTorch`);
      const peer = pytorch && (await pytorchSteps(job, { ...pytorch, threads, seconds: quick ? 0 : seconds / 2 }));
      for (const entropyLoss of [false, true]) {
        onStep?.(`${recipe.name} ${entropyLoss ? "with" : "without"} the Entropy Loss`);
        const figures = await inProcess<StepFigures>(
          "./step/step-worker.js",
          { ...job, entropyLoss, quick, rates, bf16, seconds } satisfies StepJob,
          { threads, what: `step of ${recipe.name}` },
        );
        steps.push({ ...figures, ...(peer && { pytorch: entropyLoss ? peer.with : peer.without }) });
      }
    }
    return steps;
  });
}

async function pytorchSteps(
  { recipe: { detector }, data, frames }: Pick<StepJob, "recipe" | "data" | "frames">,
  options: PytorchOptions,
) {
  const batch = makeBatch(await readFrames(data, frames, detector), buildAnchors(detector));
  return runPytorch(batch, detector, options);
}
