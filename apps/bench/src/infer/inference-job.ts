import type { Recipe } from "eloss/step";
import type { LimitRates } from "../report.js";

/** What a process of its own measures: the inference of one detector, alone or beside itself in bfloat16 and ONNX Runtime. */
export interface InferenceJob {
  readonly recipe: Recipe;
  /** KITTI root and its frame */
  readonly data: string;
  readonly frame: string;
  /** run ONNX Runtime in turn with ours, on as many threads */
  readonly onnxruntime: boolean;
  /** run ours with products of bfloat16, too, in turn with that of float32 */
  readonly bf16: boolean;
  readonly quick: boolean;
  /** the most that the machine did earlier in this run, on as many threads */
  readonly rates: LimitRates;
}
