import type { DetectorConfig } from "second-detector";
import type { LimitRates } from "../report.js";

/** What a process of its own measures: one configuration, with or without the loss. */
export interface StepJob {
  readonly config: DetectorConfig;
  readonly entropyLoss: boolean;
  /** KITTI root and the frames of the batch */
  readonly data: string;
  readonly frames: readonly string[];
  readonly quick: boolean;
  /** the most that the machine did earlier in this run, on as many threads */
  readonly rates: LimitRates;
}
