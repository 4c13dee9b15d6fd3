import { readFileSync } from "node:fs";
import { openRecipe, readRecipe, recipeText } from "eloss/inputs";
import {
  buildAnchors,
  builtinConfigText,
  type DetectorConfig,
  estimateStepMemory,
  parseDetectorConfig,
  prepareFrame,
  weightShapes,
} from "second-detector";
import type { Target } from "../target.js";

const POINTS = Float32Array.from({ length: 4 * 500 }, (_, i) => [10 + (i % 97) / 9, (i % 53) / 9 - 3, -1, 0.5][i % 4]);

/** What every command does with a detector before it computes anything: if a configuration is taken, this has to go well. */
function use(config: DetectorConfig): void {
  weightShapes(config);
  estimateStepMemory(config, { batchSize: 1 });
  prepareFrame(POINTS, config);
  buildAnchors(config);
}

/** YAML. */
export const configurations: readonly Target[] = [
  {
    name: "detector",
    file: "detector.yaml",
    seeds: () => [
      builtinConfigText("second-mini"),
      builtinConfigText("pointpillars-mini"),
      builtinConfigText("pointnet-mini"),
      builtinConfigText("second-resnet-correlation-gnn-fpn"),
    ],
    read: (path) => use(parseDetectorConfig(readFileSync(path, "utf8"), path)),
  },
  {
    name: "recipe",
    file: "recipe.yaml",
    seeds: () => [recipeText(openRecipe("second-mini")), recipeText(openRecipe("pointpillars-kitti"))],
    read: (path) => use(readRecipe(path).detector),
  },
];
