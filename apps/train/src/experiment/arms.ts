import { type BuiltinRecipeName, builtinRecipe } from "../recipe/builtin-recipes.js";
import type { Recipe } from "../recipe/recipe-schema.js";

/** One way to train a detector that an experiment compares with others. The same arm of two experiments is the same runs. */
export interface Arm {
  /** also the name of its recipe and the beginning of its runs' folders */
  readonly name: string;
  /** the arm without the loss that it is compared with, itself if it is one */
  readonly baseline: string;
  readonly recipe: Recipe;
  /** trained on the Entropy Loss; else its entropies are measured alone */
  readonly entropyLoss: boolean;
  /** seeds at most, whatever the experiment is asked for; default: all */
  readonly seeds?: number;
  /** arms of a lower stage are made first, with all their seeds; default 0 */
  readonly stage?: number;
}

/** Full size for KITTI; reduced for simulated streets on a CPU; or tiny, for a quick look that says nothing about pedestrians. */
export const SIZES = ["mini", "small", "kitti"] as const;
export type ExperimentSize = (typeof SIZES)[number];

/** The recipe of each model that experiments train. Of those with a camera the simplest and the most complex one are there reduced, none tiny. */
const RECIPES = {
  mini: { second: "second-mini", pointpillars: "pointpillars-mini", pointnet: "pointnet-mini" },
  small: {
    second: "second-small",
    pointpillars: "pointpillars-small",
    pointnet: "pointnet-small",
    "second-resnet": "second-resnet-small",
    "second-resnet-correlation-gnn-fpn": "second-resnet-correlation-gnn-fpn-small",
  },
  kitti: {
    second: "second-kitti",
    pointpillars: "pointpillars-kitti",
    pointnet: "pointnet-kitti",
    "second-resnet": "second-resnet",
    "second-resnet-correlation": "second-resnet-correlation",
    "second-resnet-correlation-gnn": "second-resnet-correlation-gnn",
    "second-resnet-correlation-gnn-fpn": "second-resnet-correlation-gnn-fpn",
  },
} as const satisfies Record<ExperimentSize, Readonly<Record<string, BuiltinRecipeName>>>;

/** A detector of an experiment; those of `mini` exist at every size. */
export type Model = keyof (typeof RECIPES)["kitti"];

const seesImages = (model: Model) => model.startsWith("second-resnet");

/** The models of a size that see scans alone. */
export function modelsOf(size: ExperimentSize): readonly Model[] {
  return (Object.keys(RECIPES[size]) as Model[]).filter((model) => !seesImages(model));
}

/** The models of a size with a camera, which need data with images; none are tiny. */
export function cameraModelsOf(size: ExperimentSize): readonly Model[] {
  return (Object.keys(RECIPES[size]) as Model[]).filter(seesImages);
}

/** How an experiment changes the training of every recipe. */
export type TrainingChanges = Partial<Pick<Recipe["training"], "epochs" | "ema">> & Pick<Recipe, "precision">;

/** The recipe of a model, its training changed. @throws RangeError if the size has no such model */
export function modelRecipe(
  model: Model,
  size: ExperimentSize,
  { precision, ...changes }: TrainingChanges = {},
): Recipe {
  const name: BuiltinRecipeName | undefined = (RECIPES[size] as Partial<Record<Model, BuiltinRecipeName>>)[model];
  if (name === undefined)
    throw new RangeError(`modelRecipe: expected one of ${Object.keys(RECIPES[size]).join(", ")}, got ${model}`);
  const recipe = builtinRecipe(name);
  return { ...recipe, training: { ...recipe.training, ...changes }, ...(precision === "bf16" && { precision }) };
}

/** A model without the loss. */
export function plainArm(recipe: Recipe): Arm {
  return { name: recipe.name, baseline: recipe.name, recipe, entropyLoss: false };
}

/** A model without the loss whose layers' products round their operands to bfloat16. */
export function bfloat16Arm(recipe: Recipe): Arm {
  const name = `${recipe.name}-bf16`;
  return { name, baseline: recipe.name, recipe: { ...recipe, name, precision: "bf16" }, entropyLoss: false };
}

/** A model with the loss as its recipe has it, changed in some points. */
export function lossArm(recipe: Recipe, suffix: string, changes: Partial<Recipe["entropyLoss"]> = {}): Arm {
  const name = `${recipe.name}-${suffix}`;
  return {
    name,
    baseline: recipe.name,
    recipe: { ...recipe, name, entropyLoss: { ...recipe.entropyLoss, ...changes } },
    entropyLoss: true,
  };
}
