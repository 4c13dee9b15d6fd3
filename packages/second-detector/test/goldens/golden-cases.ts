import * as tf from "@tensorflow/tfjs-core";
import { type BackendName, useBackend } from "open-backend";
import { describeUnless, goldenMissing, quickBackendTests } from "test-support";
import type { SimdBackend } from "tfjs-backend-simd";
import { beforeAll, expect, test } from "vitest";
import { entropyCases } from "./entropies.js";
import { gradientCases } from "./gradients.js";
import { inferenceCases } from "./inference.js";
import { lossCases } from "./losses.js";
import { denseStageCases, stageCases } from "./stages.js";
import { stepCases } from "./steps.js";
import { FLOAT32, type Tolerances } from "./tolerances.js";

/** The goldens of second-mini on two real frames, with one backend computing everything, or only some `cases` of them. */
export function goldenCases(
  backend: BackendName,
  {
    tolerances = FLOAT32,
    cases = allCases,
    precision = "float32",
  }: {
    tolerances?: Tolerances;
    cases?: (tolerances: Tolerances) => void;
    precision?: SimdBackend["precision"];
  } = {},
): void {
  describeUnless(goldenMissing("golden/second"), `second-mini on ${backend} in ${precision}`, () => {
    beforeAll(async () => {
      const { description } = await useBackend(backend, { tensorflow: process.env.ELOSS_TENSORFLOW });
      // Also where bfloat16 has no instructions: the bits are the same.
      if (precision !== "float32") (tf.backend() as SimdBackend).precision = precision;
      console.info(`goldens on ${description} in ${precision}`);
    });

    test("the backend is the one asked for", () => {
      expect(tf.getBackend()).toBe(backend);
    });

    cases(tolerances);
  });
}

/** Everything: some thirty passes over two frames, or twenty where the tests are to be quick. */
export function allCases(tolerances: Tolerances): void {
  lossCases(tolerances);
  denseStageCases(tolerances);
  stageCases(tolerances);
  inferenceCases(tolerances);
  entropyCases();
  gradientCases(tolerances);
  stepCases(quickBackendTests ? ["steps_small"] : undefined);
}
