import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDataSource } from "eloss/step";
import { writeSimulatedDataset } from "kitti-sim";

/** The frames of a KITTI folder that are run. */
const FRAMES = ["000000", "000010"] as const;

/** Whether a folder has every frame that is needed. */
export function hasFrames(root: string): boolean {
  try {
    const { ids } = openDataSource(root);
    return FRAMES.every((id) => ids.includes(id));
  } catch {
    return false;
  }
}

/**
 * Does something with two frames.
 * @param root KITTI root; undefined: simulated scenes, which go away afterwards
 */
export async function withFrames<T>(
  root: string | undefined,
  work: (data: string, ids: readonly string[]) => Promise<T>,
): Promise<T> {
  if (root !== undefined) return work(root, FRAMES);
  const simulated = mkdtempSync(join(tmpdir(), "eloss-bench-"));
  try {
    await writeSimulatedDataset(simulated, { train: 2, val: 0, seed: 0, field: "camera", workers: 0 });
    return await work(simulated, ["000000", "000001"]);
  } finally {
    rmSync(simulated, { recursive: true });
  }
}
