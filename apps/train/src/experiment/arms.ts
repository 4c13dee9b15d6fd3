import { type BuiltinConfigName, builtinConfig, type DetectorConfig } from "second-detector";

/** One way to train a detector that an experiment compares with others. The same arm of two experiments is the same runs. */
export interface Arm {
  /** also the name of its configuration and the beginning of its runs' folders */
  readonly name: string;
  readonly config: DetectorConfig;
  /** trained on the Entropy Loss; else its entropies are measured alone */
  readonly entropyLoss: boolean;
}

/** The detectors that experiments train, by role. */
export type Model = "second" | "pointpillars" | "pointnet";

/** Full size for KITTI, or reduced for simulated streets on a CPU. */
export type ExperimentSize = "mini" | "kitti";

/** The configuration of a model, trained for as many epochs. */
export function modelConfig(model: Model, size: ExperimentSize, epochs?: number): DetectorConfig {
  const config = builtinConfig(`${model}-${size}` satisfies BuiltinConfigName);
  return epochs === undefined ? config : { ...config, training: { ...config.training, epochs } };
}

/** A model without the loss. */
export function plainArm(config: DetectorConfig): Arm {
  return { name: config.name, config, entropyLoss: false };
}

/** A model with the loss as its configuration has it, changed in some points. */
export function lossArm(
  config: DetectorConfig,
  suffix: string,
  changes: Partial<DetectorConfig["entropyLoss"]> = {},
): Arm {
  const name = `${config.name}-${suffix}`;
  return { name, config: { ...config, name, entropyLoss: { ...config.entropyLoss, ...changes } }, entropyLoss: true };
}
