import { goldenCases } from "./goldens/golden-cases.js";
import { gradientCases } from "./goldens/gradients.js";
import { inferenceCases } from "./goldens/inference.js";
import { roundingCases } from "./goldens/rounding.js";
import { stageCases } from "./goldens/stages.js";
import { BFLOAT16 } from "./goldens/tolerances.js";

goldenCases("simd", {
  precision: "bfloat16",
  tolerances: BFLOAT16,
  cases(tolerances) {
    stageCases(tolerances);
    inferenceCases(tolerances);
    gradientCases(tolerances);
    roundingCases();
  },
});
