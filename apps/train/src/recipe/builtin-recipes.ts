/// <reference path="./yaml-text.d.ts" />
import { parseRecipe } from "./parse-recipe.js";
import pointnetKitti from "./pointnet-kitti.yaml?raw";
import pointnetMini from "./pointnet-mini.yaml?raw";
import pointnetSmall from "./pointnet-small.yaml?raw";
import pointpillarsKitti from "./pointpillars-kitti.yaml?raw";
import pointpillarsMini from "./pointpillars-mini.yaml?raw";
import pointpillarsSmall from "./pointpillars-small.yaml?raw";
import type { Recipe } from "./recipe-schema.js";
import secondKitti from "./second-kitti.yaml?raw";
import secondMini from "./second-mini.yaml?raw";
import secondResnet from "./second-resnet.yaml?raw";
import secondResnetCorrelation from "./second-resnet-correlation.yaml?raw";
import secondResnetCorrelationGnn from "./second-resnet-correlation-gnn.yaml?raw";
import secondResnetCorrelationGnnFpn from "./second-resnet-correlation-gnn-fpn.yaml?raw";
import secondResnetCorrelationGnnFpnSmall from "./second-resnet-correlation-gnn-fpn-small.yaml?raw";
import secondResnetSmall from "./second-resnet-small.yaml?raw";
import secondSmall from "./second-small.yaml?raw";

const TEXTS = {
  "second-mini": secondMini,
  "second-small": secondSmall,
  "second-kitti": secondKitti,
  "second-resnet": secondResnet,
  "second-resnet-correlation": secondResnetCorrelation,
  "second-resnet-correlation-gnn": secondResnetCorrelationGnn,
  "second-resnet-correlation-gnn-fpn": secondResnetCorrelationGnnFpn,
  "second-resnet-small": secondResnetSmall,
  "second-resnet-correlation-gnn-fpn-small": secondResnetCorrelationGnnFpnSmall,
  "pointpillars-mini": pointpillarsMini,
  "pointpillars-small": pointpillarsSmall,
  "pointpillars-kitti": pointpillarsKitti,
  "pointnet-mini": pointnetMini,
  "pointnet-small": pointnetSmall,
  "pointnet-kitti": pointnetKitti,
} as const;

/** A recipe that comes with the command: for the detector of the same name. */
export type BuiltinRecipeName = keyof typeof TEXTS;

/** Names of the recipes that come with the command. */
export const builtinRecipeNames = Object.keys(TEXTS) as readonly BuiltinRecipeName[];

/** Whether {@link builtinRecipe} knows `name`. */
export function isBuiltinRecipeName(name: string): name is BuiltinRecipeName {
  return Object.hasOwn(TEXTS, name);
}

/** The YAML text of {@link builtinRecipe}. */
export function builtinRecipeText(name: BuiltinRecipeName): string {
  return TEXTS[name];
}

/** A recipe that comes with the command. */
export function builtinRecipe(name: BuiltinRecipeName): Recipe {
  return parseRecipe(TEXTS[name], `${name}.yaml`);
}
