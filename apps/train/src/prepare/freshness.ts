import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileRecordOf } from "./examine-frame.js";
import type { FrameRecord } from "./frame-record.js";

const KINDS = { velodyne: "bin", calib: "txt", label_2: "txt", image_2: "png" } as const;

/** Whether every file has the size and the time that it had when it was examined. */
export function isUntouched(folder: string, { files }: FrameRecord): boolean {
  return Object.entries(files).every(([name, { bytes, written }]) => {
    const { size, mtimeMs } = statSync(join(folder, name));
    return size === bytes && mtimeMs === written;
  });
}

/**
 * What has changed in a frame since it was examined: a line for people, undefined if nothing has. Files of the same size
 * and time are taken to be the same, others are compared by their contents: a copied data set is still fresh.
 * @param folder the one that holds `velodyne`
 */
export function changeIn(folder: string, { id, files }: FrameRecord): string | undefined {
  for (const [kind, extension] of Object.entries(KINDS)) {
    const name = `${kind}/${id}.${extension}`;
    const before = files[name];
    const path = join(folder, name);
    if (!existsSync(path)) {
      if (before) return `${name} is gone`;
      continue;
    }
    if (!before) return `${name} is new`;
    const { size, mtimeMs } = statSync(path);
    if (size === before.bytes && mtimeMs === before.written) continue;
    if (size !== before.bytes || fileRecordOf(path).sha256 !== before.sha256) return `${name} is another file`;
  }
  return undefined;
}
