import { describeUnless, expectClose, goldenMissing } from "test-support";
import { expect, test } from "vitest";
import { assignTargets, buildAnchors, builtinConfig } from "../src/index.js";
import { goldenIndex, goldenTensors } from "./goldens/golden-second.js";

describeUnless(goldenMissing("golden/second"), "anchors and targets of real frames", () => {
  const config = builtinConfig("second-mini");
  const anchors = buildAnchors(config);

  test("anchors are equal once rounded to float32", () => {
    expect(Float32Array.from(anchors.boxes)).toEqual(goldenTensors("targets").get("anchors")!.data);
  });

  test("labels of every anchor of the batch", () => {
    const stored = goldenTensors("targets");
    const inputs = goldenTensors("inputs");
    const count = anchors.labels.length;
    for (const sample of [0, 1]) {
      const objects = { boxes: inputs.get(`${sample}/boxes`)!.data, labels: inputs.get(`${sample}/labels`)!.data };
      const expected = stored.get("label")!.data.subarray(sample * count, (sample + 1) * count);
      expect(assignTargets(objects, anchors, config).labels).toEqual(expected);
    }
  });

  test("positives, their boxes, codes and directions, and ignored anchors of every frame with a box", () => {
    const extra = goldenTensors("targets_extra");
    const frames = Object.keys((goldenIndex() as unknown as { target_margins: object }).target_margins);
    expect(frames.length).toBe(14);
    for (const frame of frames) {
      const stored = (name: string) => extra.get(`${frame}/${name}`)!.data;
      const targets = assignTargets({ boxes: stored("boxes"), labels: stored("labels") }, anchors, config);
      expect(targets.positives, frame).toEqual(stored("positive"));
      expect(targets.boxIndices, frame).toEqual(stored("gt"));
      expect(targets.directions, frame).toEqual(stored("direction"));
      const ignored = [...targets.labels.keys()].filter((anchor) => targets.labels[anchor] === -1);
      expect(ignored, frame).toEqual([...stored("ignored")]);
      // Both are float64 codes of float32 boxes rounded once; only the logarithm may differ in its last bit.
      expectClose(targets.codes, stored("code"), { absolute: 2e-7, label: frame });
      const classes = targets.positives.map((anchor) => targets.labels[anchor]);
      expect([...classes], frame).toEqual([...stored("label")].map((label) => label));
    }
  });
});
