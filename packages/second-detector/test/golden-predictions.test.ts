import { describeUnless, expectClose, goldenMissing } from "test-support";
import { expect, test } from "vitest";
import { buildAnchors, builtinConfig, decodePredictions } from "../src/index.js";
import { goldenTensors } from "./goldens/golden-second.js";

/** Results of float64 arithmetic on the same float32 inputs, rounded once: the last bit may differ. */
const ROUNDED = { ofLargest: 1e-7 };

describeUnless(goldenMissing("golden/second"), "predictions on real frames", () => {
  test.each([0, 1])("sample %i: boxes, scores, labels and anchors after suppression", (sample) => {
    const config = builtinConfig("second-mini");
    const anchors = buildAnchors(config);
    const stored = goldenTensors("predictions");
    const outputs = (name: string) => {
      const { data } = stored.get(`head.${name}`)!;
      return data.subarray((sample * data.length) / 2, ((sample + 1) * data.length) / 2);
    };
    const head = { cls: outputs("cls"), box: outputs("box"), dir: outputs("dir") };
    const found = decodePredictions(head, anchors, config);
    expect(found.anchors).toEqual(stored.get(`${sample}/anchors`)!.data);
    expect(found.labels).toEqual(stored.get(`${sample}/labels`)!.data);
    expectClose(found.boxes, stored.get(`${sample}/boxes`)!.data, { ...ROUNDED, label: "boxes" });
    expectClose(found.scores, stored.get(`${sample}/scores`)!.data, { ...ROUNDED, label: "scores" });
  });
});
