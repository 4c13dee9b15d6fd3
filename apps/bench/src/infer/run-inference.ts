import type { Recipe } from "eloss/step";
import { withFrames } from "../frames.js";
import { inProcess } from "../in-process.js";
import type { InferenceFigures } from "../report.js";
import type { InferenceJob } from "./inference-job.js";

/** What to run, on which frame. */
export interface InferenceRunOptions extends Pick<InferenceJob, "onnxruntime" | "bf16" | "quick" | "rates"> {
  readonly recipes: readonly Recipe[];
  /** KITTI root; without one, a simulated scene */
  readonly data: string | undefined;
  readonly threads: number;
  readonly onInference?: (title: string) => void;
}

/** Measures the inference of each recipe's detector on one frame, each in a process of its own. */
export function runInference(options: InferenceRunOptions): Promise<InferenceFigures[]> {
  const { recipes, threads, onnxruntime, bf16, quick, rates, onInference } = options;
  return withFrames(options.data, async (data, ids) => {
    const figures: InferenceFigures[] = [];
    for (const recipe of recipes) {
      onInference?.(recipe.name);
      const job: InferenceJob = { recipe, data, frame: ids[ids.length - 1], onnxruntime, bf16, quick, rates };
      figures.push(
        await inProcess("./infer/inference-worker.js", job, { threads, what: `inference of ${recipe.name}` }),
      );
    }
    return figures;
  });
}
