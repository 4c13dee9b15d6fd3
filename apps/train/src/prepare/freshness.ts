import { statSync } from "node:fs";
import { MAX_FILE_BYTES } from "kitti-io";
import type { DataSource } from "../frames/data-source.js";
import type { FileRecord, FrameRecord } from "./frame-record.js";
import { hashOfFile } from "./hash.js";

/** Size, time and hash of every file that a frame has. */
export function recordFiles(data: DataSource, id: string): Record<string, FileRecord> {
  return Object.fromEntries(Array.from(data.files(id), ([name, path]) => [name, recordOf(path)]));
}

/** Bytes of a frame's file at most; a longer one is refused by whoever reads it, whatever is in it. */
const MOST_BYTES = Math.max(...Object.values(MAX_FILE_BYTES));

/** A file as it is now; without a hash where it cannot be read, or nobody would. */
function recordOf(path: string): FileRecord {
  const stat = statSync(path);
  const record = { bytes: stat.size, written: stat.mtimeMs };
  if (!stat.isFile() || stat.size > MOST_BYTES) return record;
  try {
    return { ...record, sha256: hashOfFile(path) };
  } catch {
    return record;
  }
}

/** Whether a file has the size and the time that it had when it was examined. */
function isUntouched(path: string, { bytes, written }: FileRecord): boolean {
  const { size, mtimeMs } = statSync(path);
  return size === bytes && mtimeMs === written;
}

/** Whether it could be read then. That it can be now shows in neither its size nor its time. */
const wasRead = ({ sha256 }: FileRecord): boolean => sha256 !== undefined;

/**
 * What has changed in a frame since it was examined: a line for people, undefined if nothing has. Files of the same size
 * and time are taken to be the same, others are compared by their contents: a copied data set is still fresh.
 */
export function changeIn(data: DataSource, { id, files }: FrameRecord): string | undefined {
  const present = data.files(id);
  for (const [name, path] of present) {
    const before = files[name];
    if (before === undefined) return `${name} is new`;
    if (wasRead(before) && isUntouched(path, before)) continue;
    const { bytes, sha256 } = recordOf(path);
    if (bytes !== before.bytes || sha256 !== before.sha256) return `${name} is another file`;
  }
  const gone = Object.keys(files).find((name) => !present.has(name));
  return gone === undefined ? undefined : `${gone} is gone`;
}

/** The record of an unchanged frame with the times that its files have now: a copy has others. They spare the next look. */
export function refreshed(data: DataSource, record: FrameRecord): FrameRecord {
  const untouched = Array.from(data.files(record.id)).every(([name, path]) => isUntouched(path, record.files[name]));
  return untouched ? record : { ...record, files: recordFiles(data, record.id) };
}
