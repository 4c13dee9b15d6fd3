import { join } from "node:path";
import { type Panes, writeSimulatedDataset } from "kitti-sim";
import { counted } from "../system/counted.js";
import { type Progress, startProgress } from "../system/progress.js";

/** A simulated dataset to make. */
export interface Streets {
  readonly root: string;
  readonly train: number;
  readonly val: number;
  readonly seed: number;
  /** what the camera sees, or all that is round the sensor, by sensors of 32 and 64 beams in turn; default: the camera's */
  readonly view?: "camera" | "full";
  /** of cars and houses; default: clear */
  readonly panes?: Panes;
}

const FULL = { field: "full", labels: "full", beams: [32, 64] } as const;

/**
 * Writes simulated streets in KITTI's layout; frames that are there stay.
 * @returns false if `signal` ended it; the same call goes on
 * @throws Error if the folder holds something else, with what to do
 */
export async function simulateStreets(
  { root, view = "camera", ...streets }: Streets,
  signal: AbortSignal,
): Promise<boolean> {
  const looks = view === "full" ? FULL : { field: "camera" as const };
  let progress: Progress | undefined;
  let told = 0;
  const onFrame = ({ done, total, kept }: { done: number; total: number; kept: number }) => {
    if (kept === total) return;
    progress ??= startProgress("simulate", total, kept);
    for (told = Math.max(told, kept); told < done; told++) progress.advance(counted(done, "frame"));
  };
  try {
    const made = writeSimulatedDataset(root, { ...streets, ...looks, onFrame, signal });
    const { written, kept } = await made.finally(() => progress?.stop());
    process.stderr.write(
      `${counted(written, "frame")} made, ${kept} ${kept === 1 ? "was" : "were"} there: ${join(root, "training")}\n`,
    );
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
