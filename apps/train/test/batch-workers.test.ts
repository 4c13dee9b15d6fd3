import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { VoxelBatch } from "second-detector";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { startBatchWorkers } from "../src/training/batch-workers.js";
import { type BatchOrigin, openBatches } from "../src/training/training-batches.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

const { detector: config } = openRecipe(fileURLToPath(new URL("./fixtures/tiny.yaml", import.meta.url)));
let origin: BatchOrigin;

beforeAll(async () => {
  const data = mkdtempSync(join(tmpdir(), "eloss-batches-"));
  origin = { data, frames: await writeTinyScenes(data, { count: 3, seed: 0 }), config, seed: 0 };
});
afterAll(() => rmSync(origin.data, { recursive: true }));

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}.mjs`, import.meta.url));

/** A text that differs where two values differ in any bit; arrays as their type and a hash. */
function digest(value: unknown): string {
  return JSON.stringify(value, (_, each) => {
    if (!ArrayBuffer.isView(each)) return each;
    const bytes = new Uint8Array(each.buffer, each.byteOffset, each.byteLength);
    return [each.constructor.name, createHash("sha256").update(bytes).digest("hex")];
  });
}

describe("batch workers", () => {
  it.each([1, 2])("give what the calling thread makes, with %i threads", async (count) => {
    const load = await openBatches(origin);
    const workers = startBatchWorkers(origin, count);
    try {
      const wanted = [["000000", "000001"], ["000002"], ["000001", "000000"], ["000000", "000001"]];
      const made = await Promise.all(wanted.map((ids) => workers.load({ ids, epoch: 0 })));
      for (const [i, ids] of wanted.entries()) expect(digest(made[i])).toBe(digest(await load({ ids, epoch: 0 })));
    } finally {
      await workers.close();
    }
  });

  it("keep what a batch shares: one rulebook for neighbouring layers, one memory for its coordinates", async () => {
    const workers = startBatchWorkers(origin, 1);
    const { batch } = await workers.load({ ids: ["000000"], epoch: 0 });
    const { rulebooks, coords } = batch as VoxelBatch;
    expect(rulebooks[0]).toBe(rulebooks[1]);
    expect(rulebooks[0].outputCoords.buffer).toBe(coords.buffer);
    await workers.close();
  });

  it("say which frame is wrong and go on with others", async () => {
    const workers = startBatchWorkers(origin, 1);
    writeFileSync(join(origin.data, "training", "velodyne", "000002.bin"), new Uint8Array(24));
    await expect(workers.load({ ids: ["000000", "000002"], epoch: 0 })).rejects.toThrow(
      /^frame 000002: .*000002\.bin.*16/,
    );
    expect((await workers.load({ ids: ["000000"], epoch: 0 })).targets.length).toBe(1);
    await workers.close();
  });

  it("say that a thread has ended, and what to do", async () => {
    const workers = startBatchWorkers(origin, 1, { filename: fixture("ending-worker") });
    await expect(workers.load({ ids: ["000001"], epoch: 0 })).rejects.toThrow(
      /^frames 000001: the thread at work on that has ended \(.*exited with code: 3\); `--workers 0` prepares/,
    );
    await workers.close();
  });

  it("say that a thread does not answer, after so many pulses and not before", async () => {
    const pulses: (() => void)[] = [];
    const pulse = (call: () => void) => {
      pulses.push(call);
      return () => {};
    };
    const workers = startBatchWorkers(origin, 1, { filename: fixture("hanging-worker"), pulse });
    let ended = false;
    const load = workers.load({ ids: ["000001", "000002"], epoch: 0 }).finally(() => {
      ended = true;
    });
    for (let i = 0; i < 14; i++) pulses[0]();
    await new Promise(setImmediate);
    expect(ended).toBe(false);
    pulses[0]();
    await expect(load).rejects.toThrow(
      /^frames 000001, 000002: the thread at work on that has not answered for 15 minutes; `--workers 0`/,
    );
    await workers.close();
  });

  it("say that a thread is out of memory", async () => {
    const workers = startBatchWorkers(origin, 1, { filename: fixture("greedy-worker"), heap: 16 });
    await expect(workers.load({ ids: ["000002"], epoch: 0 })).rejects.toThrow(
      /^frames 000002: the thread at work on that is out of memory; .* a smaller `--batch-size`/,
    );
    await workers.close();
  });

  it("close in the middle of their work", async () => {
    const workers = startBatchWorkers(origin, 1);
    const unfinished = workers.load({ ids: ["000000"], epoch: 0 }).then(
      () => "finished",
      (error: Error) => error.message,
    );
    await workers.close();
    expect(await unfinished).toMatch(/terminat|ended|finished/i);
  });
});
