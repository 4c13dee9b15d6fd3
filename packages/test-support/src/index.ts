export { backendNotWanted, quickBackendTests } from "./backends.js";
export { expectGradient, type GradientCheck, slopeAtZero } from "./central-differences.js";
export { expectClose, largestMagnitude, type Tolerance } from "./expect-close.js";
export { goldenMissing, goldenPath, readNpy, readSafetensors, type StoredTensor } from "./golden-data.js";
export { normal, normalSamples, randomFloats, seededRandom } from "./random-numbers.js";
export { expectExample, expectPrinted, findExample, findExamples, testReadmeExample } from "./readme-example.js";
export { runMain } from "./run-main.js";
export { describeUnless, itUnless, withReason } from "./skip-with-reason.js";
export { temporaryFolder } from "./temporary-folder.js";
