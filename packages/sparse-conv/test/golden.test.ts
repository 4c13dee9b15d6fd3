import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeUnless, goldenMissing, goldenPath, readSafetensors } from "test-support";
import { expect, it } from "vitest";
import { buildStridedRulebook, buildSubmanifoldRulebook, type Triple } from "../src/index.js";

/**
 * Sites and pairs of the sparse encoder of SECOND on two KITTI frames, from an independent PyTorch implementation.
 * Between two levels lies a strided convolution, and inside a level submanifold ones share a rulebook.
 */
const DOWN: { readonly name: string; readonly kernel: Triple; readonly stride: Triple; readonly padding: Triple }[] = [
  { name: "stage2", kernel: [3, 3, 3], stride: [2, 2, 2], padding: [1, 1, 1] },
  { name: "stage3", kernel: [3, 3, 3], stride: [2, 2, 2], padding: [1, 1, 1] },
  { name: "stage4", kernel: [3, 3, 3], stride: [2, 2, 2], padding: [0, 1, 1] },
  { name: "output", kernel: [3, 1, 1], stride: [2, 1, 1], padding: [0, 0, 0] },
];

interface GoldenStage {
  readonly shape: Triple;
  readonly sites: number;
  readonly open_pairs?: number;
  readonly same_pairs?: number;
}

const folder = goldenPath("golden/second");

describeUnless(goldenMissing("golden/second"), "rulebooks of SECOND on real frames", () => {
  it("has the sites and the number of pairs of every stage", () => {
    const { sparse_stages: stages } = JSON.parse(readFileSync(join(folder!, "golden.json"), "utf8")) as {
      sparse_stages: Record<string, GoldenStage>;
    };
    const rulebooks = readSafetensors(join(folder!, "rulebook.safetensors"));
    let coords = readSafetensors(join(folder!, "inputs.safetensors")).get("coords")!.data as Int32Array;
    let shape = stages.stage1.shape;
    expect(coords.length / 4).toBe(stages.stage1.sites);
    expect(samePairs(coords, shape)).toBe(stages.stage1.same_pairs);

    for (const { name, ...window } of DOWN) {
      const golden = stages[name];
      const rulebook = buildStridedRulebook(coords, { shape, batchSize: 2, ...window });
      expect(rulebook.outputShape, name).toEqual(golden.shape);
      expect(rulebook.outRows, name).toBe(golden.sites);
      expect(rulebook.map.inputs.length, name).toBe(golden.open_pairs);
      const sites = rulebooks.get(`${name}.coords`)!.data as Int32Array;
      expect(Buffer.from(rulebook.outputCoords.buffer).equals(Buffer.from(sites.buffer)), name).toBe(true);
      if (golden.same_pairs !== undefined) expect(samePairs(sites, golden.shape), name).toBe(golden.same_pairs);
      coords = rulebook.outputCoords;
      shape = rulebook.outputShape;
    }
  });
});

function samePairs(coords: Int32Array, shape: Triple): number {
  return buildSubmanifoldRulebook(coords, { shape, batchSize: 2, kernel: [3, 3, 3] }).map.inputs.length;
}
