import * as tf from "@tensorflow/tfjs-core";
import { type BackendName, useBackend } from "open-backend";
import { describeUnless, goldenMissing, quickBackendTests } from "test-support";
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
  }: { tolerances?: Tolerances; cases?: (tolerances: Tolerances) => void } = {},
): void {
  describeUnless(goldenMissing("golden/second"), `second-mini on ${backend}`, () => {
    beforeAll(async () => {
      const { description } = await useBackend(backend, { tensorflow: process.env.ELOSS_TENSORFLOW });
      console.info(`goldens on ${description}`);
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
