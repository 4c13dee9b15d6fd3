import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { faultOf, MOST_BYTES, MOST_MILLISECONDS } from "./judge.js";
import type { Target } from "./target.js";

/** What came of reading a file. */
export interface Outcome {
  readonly refused: boolean;
  /** what is wrong with how it was read; absent: nothing */
  readonly fault?: string;
}

/** How a target reads a file. */
export interface TryOptions {
  /** of the target alone */
  readonly folder: string;
  /** of processor time; Infinity where time is not to be judged, as in a test */
  readonly mostMilliseconds?: number | undefined;
}

/** Has a target read a file. */
export async function tryInput(
  target: Target,
  input: Uint8Array,
  { folder, mostMilliseconds = MOST_MILLISECONDS }: TryOptions,
): Promise<Outcome> {
  const path = join(folder, target.file);
  writeFileSync(path, input);
  const memoryBefore = peakBytes();
  const before = process.cpuUsage();
  let refused = false;
  let fault: string | undefined;
  try {
    await target.read(path);
  } catch (error) {
    refused = true;
    fault = faultOf(error, target);
  }
  const { user, system } = process.cpuUsage(before);
  const milliseconds = (user + system) / 1000;
  const memory = peakBytes();
  if (milliseconds > mostMilliseconds) fault ??= `${Math.round(milliseconds)} ms of processor time`;
  if (memory > MOST_BYTES && memory > memoryBefore) fault ??= `${Math.round(memory / 2 ** 20)} MiB of memory`;
  return fault === undefined ? { refused } : { refused, fault };
}

/** Most memory that this process has had at once. */
function peakBytes(): number {
  return 1024 * process.resourceUsage().maxRSS;
}
