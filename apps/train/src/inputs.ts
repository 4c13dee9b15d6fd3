// Everything of `eloss` that reads what others have written, for the fuzzer of this repository.
export { resolveSplit } from "./frames/frame-split.js";
export { openDataSource } from "./frames/open-data-source.js";
export { decodeImage } from "./frames/read-image.js";
export { readPublicDetector } from "./inference/read-public-weights.js";
export { examineFrame } from "./prepare/examine-frame.js";
export { readIndex } from "./prepare/index-file.js";
export { encodeTable, parseTable, tableOf } from "./prepare/object-table.js";
export { elossProgram } from "./program.js";
export { openRecipe, readRecipe } from "./recipe/open-recipe.js";
export { recipeText } from "./recipe/parse-recipe.js";
export { shownRun } from "./report/shown-run.js";
export { readRunFile } from "./runs/run-file.js";
export { openRunFolder } from "./runs/run-folder.js";
export { readEvaluation, readSteps, readValidations } from "./runs/run-records.js";
export { readCheckpointModel } from "./training/checkpoint.js";
