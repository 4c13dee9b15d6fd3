import { goldenCases } from "./goldens/golden-cases.js";

goldenCases("simd");
