import { backendNotWanted } from "test-support";
import { allCases, goldenCases } from "./goldens/golden-cases.js";
import { lossCases } from "./goldens/losses.js";
import { denseStageCases } from "./goldens/stages.js";
import type { Tolerances } from "./goldens/tolerances.js";

/** The plain backend convolves at some 0.6 GFLOP/s: a whole step takes it minutes, so only `pnpm test:backends cpu` runs all. */
function quickCases(tolerances: Tolerances): void {
  lossCases(tolerances);
  denseStageCases(tolerances);
}

goldenCases("cpu", { cases: backendNotWanted("cpu") ? quickCases : allCases });
