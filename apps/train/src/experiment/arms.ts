import { type BuiltinConfigName, builtinConfig, type DetectorConfig } from "second-detector";

/** One way to train a detector that an experiment compares with others. The same arm of two experiments is the same runs. */
export interface Arm {
  /** also the name of its configuration and the beginning of its runs' folders */
  readonly name: string;
  /** the arm without the loss that it is compared with, itself if it is one */
  readonly baseline: string;
  readonly config: DetectorConfig;
  /** trained on the Entropy Loss; else its entropies are measured alone */
  readonly entropyLoss: boolean;
}

/** Full size for KITTI, or reduced for simulated streets on a CPU. */
export type ExperimentSize = "mini" | "kitti";

/** The configuration of each model that experiments train. Those with a camera exist at full size only. */
const CONFIGS = {
  mini: { second: "second-mini", pointpillars: "pointpillars-mini", pointnet: "pointnet-mini" },
  kitti: {
    second: "second-kitti",
    pointpillars: "pointpillars-kitti",
    pointnet: "pointnet-kitti",
    "second-resnet": "second-resnet",
    "second-resnet-correlation": "second-resnet-correlation",
    "second-resnet-correlation-gnn": "second-resnet-correlation-gnn",
    "second-resnet-correlation-gnn-fpn": "second-resnet-correlation-gnn-fpn",
  },
} as const satisfies Record<ExperimentSize, Readonly<Record<string, BuiltinConfigName>>>;

/** A detector of an experiment; those of `mini` exist at both sizes. */
export type Model = keyof (typeof CONFIGS)["kitti"];

/** Every model of a size. */
export function modelsOf(size: ExperimentSize): readonly Model[] {
  return Object.keys(CONFIGS[size]) as Model[];
}

/** The configuration of a model, trained for as many epochs. @throws RangeError if the size has no such model */
export function modelConfig(model: Model, size: ExperimentSize, epochs?: number): DetectorConfig {
  const name: BuiltinConfigName | undefined = (CONFIGS[size] as Partial<Record<Model, BuiltinConfigName>>)[model];
  if (name === undefined)
    throw new RangeError(`modelConfig: expected one of ${modelsOf(size).join(", ")}, got ${model}`);
  const config = builtinConfig(name);
  return epochs === undefined ? config : { ...config, training: { ...config.training, epochs } };
}

/** A model without the loss. */
export function plainArm(config: DetectorConfig): Arm {
  return { name: config.name, baseline: config.name, config, entropyLoss: false };
}

/** A model with the loss as its configuration has it, changed in some points. */
export function lossArm(
  config: DetectorConfig,
  suffix: string,
  changes: Partial<DetectorConfig["entropyLoss"]> = {},
): Arm {
  const name = `${config.name}-${suffix}`;
  return {
    name,
    baseline: config.name,
    config: { ...config, name, entropyLoss: { ...config.entropyLoss, ...changes } },
    entropyLoss: true,
  };
}
