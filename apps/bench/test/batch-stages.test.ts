import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBatches, openRecipe } from "eloss/step";
import { writeSimulatedDataset } from "kitti-sim";
import { buildAnchors } from "second-detector";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeBatch, readFrames } from "../src/step/batch-stages.js";

const { detector: tiny } = openRecipe(new URL("../../train/test/fixtures/tiny.yaml", import.meta.url).pathname);
const ids = ["000000", "000001"];
let data: string;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "eloss-bench-stages-"));
  await writeSimulatedDataset(data, { train: 2, val: 0, seed: 5, field: "camera", workers: 0 });
});
afterAll(() => rmSync(data, { recursive: true }));

describe("the benchmark's batch", () => {
  it("is the one that training without augmentation takes its step on, boxes out of range left out", async () => {
    // A range that ends within the streets, so that some of their cars lie beyond it.
    const [x0, y0, z0, , y1, z1] = tiny.pointRange;
    const config = { ...tiny, pointRange: [x0, y0, z0, x0 + 19.2, y1, z1] as const };
    const load = await openBatches({ data, frames: ids, config, seed: 0 });
    const trained = await load({ ids, epoch: 0 });
    expect(makeBatch(await readFrames(data, ids, config), buildAnchors(config))).toEqual(trained);
    expect(trained.targets.some(({ labels }) => labels.some((label) => label > 0))).toBe(true);
  });
});
