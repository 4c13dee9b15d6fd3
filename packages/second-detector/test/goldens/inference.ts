import * as tf from "@tensorflow/tfjs-core";
import { test } from "vitest";
import { InferenceNetwork, type NamedArray } from "../../src/index.js";
import { expectGolden } from "./compare.js";
import { goldenBatch, goldenConfig } from "./golden-model.js";
import { goldenTensors } from "./golden-second.js";
import type { Tolerances } from "./tolerances.js";

/** The network for inference: within the tolerance of the unfolded one. */
export function inferenceCases({ stage }: Tolerances): void {
  test("inference: the map and the head's outputs in evaluation mode", async () => {
    const network = new InferenceNetwork(goldenTensors("weights") as unknown as Map<string, NamedArray>, goldenConfig);
    const bev = network.encode(goldenBatch());
    const { cls, box, dir } = network.detect(bev);
    const outputs = { bev, "head.cls": cls, "head.box": box, "head.dir": dir };
    await expectGolden("eval", new Map(Object.entries(outputs)), { norm: "largest", tolerance: stage });
    tf.dispose(outputs);
    network.dispose();
  });
}
