import { move, transferableSymbol, valueSymbol, workerData } from "piscina";
import { type BatchOrigin, type BatchRequest, type LoadBatch, openBatches } from "./training-batches.js";

// The code of a thread that prepares batches: what `startBatchWorkers` runs.

let opened: Promise<LoadBatch> | undefined;

/** The batch of some frames, its arrays handed over instead of copied. */
export default async function prepareBatch(request: BatchRequest): Promise<unknown> {
  opened ??= openBatches(workerData as BatchOrigin);
  const batch = await (await opened)(request);
  return move({ [transferableSymbol]: buffersOf(batch), [valueSymbol]: batch });
}

/** The memory of every typed array in a value, each once: rulebooks share coordinates. */
function buffersOf(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const visit = (each: unknown) => {
    if (ArrayBuffer.isView(each)) found.add(each.buffer as ArrayBuffer);
    else if (typeof each === "object" && each !== null) Object.values(each).forEach(visit);
  };
  visit(value);
  return [...found];
}
