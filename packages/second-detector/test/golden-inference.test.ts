import * as tf from "@tensorflow/tfjs-core";
import { skipNote } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, test } from "vitest";
import { InferenceNetwork, type NamedArray } from "../src/index.js";
import { largestError } from "./oracle/closeness.js";
import { goldenBatch, goldenConfig } from "./oracle/golden-model.js";
import { goldenIndex, goldenSecond, goldenTensors, storedRows } from "./oracle/golden-second.js";

registerSimdBackend();

/** Of the largest entry of a stage, as for the unfolded network. */
const STAGE_TOLERANCE = 1e-5;

describe.skipIf(!goldenSecond)(`inference of second-mini on two real frames${skipNote("golden/second")}`, () => {
  beforeAll(async () => {
    await tf.setBackend("simd");
  });

  test("the map and the head's outputs in evaluation mode", () => {
    const network = new InferenceNetwork(goldenTensors("weights") as unknown as Map<string, NamedArray>, goldenConfig);
    const map = network.encode(goldenBatch());
    const { cls, box, dir } = network.detect(map);
    const records = goldenIndex().tensors.eval;
    const stages = goldenTensors("eval");
    for (const [name, tensor] of Object.entries({ bev: map, "head.cls": cls, "head.box": box, "head.dir": dir })) {
      const rows = storedRows(tensor.dataSync(), records[name]);
      const error = largestError(rows, stages.get(name)!.data, records[name].max_abs);
      expect(error, name).toBeLessThanOrEqual(STAGE_TOLERANCE);
    }
    tf.dispose([map, cls, box, dir]);
    network.dispose();
  });
});
