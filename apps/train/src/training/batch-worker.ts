import { move, transferableSymbol, valueSymbol, workerData } from "piscina";
import { buffersOf } from "../system/buffers.js";
import { type BatchOrigin, type BatchRequest, type LoadBatch, openBatches } from "./training-batches.js";

// The code of a thread that prepares batches: what `startBatchWorkers` runs.

let opened: Promise<LoadBatch> | undefined;

/** The batch of some frames, its arrays handed over instead of copied: rulebooks that share coordinates still do. */
export default async function prepareBatch(request: BatchRequest): Promise<unknown> {
  opened ??= openBatches(workerData as BatchOrigin);
  const batch = await (await opened)(request);
  return move({ [transferableSymbol]: [...buffersOf(batch)], [valueSymbol]: batch });
}
