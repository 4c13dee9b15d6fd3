import { existsSync, readFileSync } from "node:fs";
import {
  buildAnchors,
  builtinConfig,
  builtinConfigNames,
  createWeights,
  type DetectorConfig,
  isBuiltinConfigName,
  parseDetectorConfig,
} from "second-detector";
import { readCheckpointModel } from "./checkpoint.js";
import type { Detector } from "./predict-frame.js";
import type { RunFolder } from "./run-folder.js";

/**
 * A configuration by its built-in name or the path of a YAML file.
 * @throws Error if it is neither, or the file is wrong
 */
export function openConfig(nameOrPath: string): DetectorConfig {
  if (isBuiltinConfigName(nameOrPath)) return builtinConfig(nameOrPath);
  if (!existsSync(nameOrPath)) {
    throw new Error(
      `--config ${nameOrPath}: expected one of ${builtinConfigNames.join(", ")} or the path of a YAML file`,
    );
  }
  return parseDetectorConfig(readFileSync(nameOrPath, "utf8"), nameOrPath);
}

/** The detector that a run has trained, and the step it is at. */
export function openTrainedDetector(run: RunFolder): { readonly detector: Detector; readonly step: number } {
  const config = parseDetectorConfig(readFileSync(run.config, "utf8"), run.config);
  const weights = createWeights(config, () => 0.5); // every value is replaced by the checkpoint's
  const step = readCheckpointModel(run.checkpoint, weights);
  return { detector: { config, weights, anchors: buildAnchors(config) }, step };
}
