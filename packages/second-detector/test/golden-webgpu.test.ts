import { backendNotWanted, describeUnless, quickBackendTests } from "test-support";
import { allCases, goldenCases } from "./goldens/golden-cases.js";
import { inferenceCases } from "./goldens/inference.js";
import { lossCases } from "./goldens/losses.js";
import { stageCases } from "./goldens/stages.js";
import type { Tolerances } from "./goldens/tolerances.js";

/** What takes half a minute where WebGPU runs on the CPU; the rest takes minutes there. */
function quickCases(tolerances: Tolerances): void {
  lossCases(tolerances);
  stageCases(tolerances);
  inferenceCases(tolerances);
}

describeUnless(backendNotWanted("webgpu"), "goldens", () => {
  goldenCases("webgpu", { cases: quickBackendTests ? quickCases : allCases });
});
