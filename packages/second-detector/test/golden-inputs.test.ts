import { describeUnless, goldenMissing } from "test-support";
import { expect, test } from "vitest";
import type { VoxelBatch } from "../src/index.js";
import { goldenBatch } from "./goldens/golden-model.js";
import { goldenIndex, goldenTensors } from "./goldens/golden-second.js";

describeUnless(goldenMissing("golden/second"), "what the network is given of two real frames", () => {
  test("voxel features and coordinates are equal bit for bit", () => {
    const batch = goldenBatch();
    const inputs = goldenTensors("inputs");
    expect(batch.batchSize).toBe(2);
    expect(batch.coords).toEqual(inputs.get("coords")!.data);
    expect(batch.features).toEqual(inputs.get("features")!.data);
  });

  test("sites of the encoder are equal, in order, with as many pairs", () => {
    const batch = goldenBatch();
    const sites = goldenTensors("rulebook");
    const { sparse_stages: stages } = goldenIndex();
    // encoder layers: input, stage1.0, then three per stage, then output; the opening layer of a stage makes its sites
    const opening = { stage2: 2, stage3: 5, stage4: 8, output: 11 };
    expect(pairs(batch, 0)).toBe(stages.stage1.same_pairs);
    expect(batch.rulebooks[1]).toBe(batch.rulebooks[0]);
    for (const [stage, layer] of Object.entries(opening)) {
      const { outputCoords, outputShape } = batch.rulebooks[layer];
      expect([...outputShape], stage).toEqual(stages[stage].shape);
      expect(outputCoords, stage).toEqual(sites.get(`${stage}.coords`)!.data);
      expect(pairs(batch, layer), `opening of ${stage}`).toBe(stages[stage].open_pairs);
      if (stage !== "output") expect(pairs(batch, layer + 1), stage).toBe(stages[stage].same_pairs);
    }
  });
});

function pairs(batch: VoxelBatch, layer: number): number {
  return batch.rulebooks[layer].map.inputs.length;
}
