import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { type ReportRun, reportHtml, type ViewerFrame } from "report-page";
import type { DataSource } from "../frames/data-source.js";
import { fileNameOf } from "../frames/frame.js";
import { resolveSplit } from "../frames/frame-split.js";
import { runFolder } from "../runs/run-folder.js";
import { sweepTemporariesOf, writeFileAtomic } from "../system/atomic-write.js";
import { shownRun } from "./shown-run.js";
import { readResultBoxes, viewerFrame, viewerImage } from "./viewer-frames.js";

/** What to report on, and where to write it. */
export interface ReportRequest {
  /** run folders, in the order of the columns */
  readonly runs: readonly string[];
  /** that the scans for the 3D view come from */
  readonly data: DataSource;
  /** the split to take them from, as `eloss eval` knows it: its detections are shown where it has been run */
  readonly split: string;
  /** the file to write */
  readonly out: string;
  /** how many scans to show; default 4 */
  readonly frames?: number;
  /** false: without the camera's images, of which each takes as much of the page as its file; default true */
  readonly images?: boolean;
  readonly title?: string;
}

/**
 * Writes a report on training runs as one HTML file, whole or not at all. Evaluations and detections are taken from the
 * run folders; nothing is computed anew.
 * @returns the scans that it shows, by id
 * @throws Error naming the file that is missing or wrong
 */
export async function writeReport({
  runs,
  data,
  split,
  out,
  frames = 4,
  images = true,
  title,
}: ReportRequest): Promise<readonly string[]> {
  const names = runNames(runs);
  const ids = evenly(resolveSplit(data, split), frames);
  const page = reportHtml({
    title: title ?? `Training report: ${names.join(", ")}`,
    data: data.describe(),
    made: new Date().toISOString(),
    runs: runs.map((path, i) => runWithNotes(path, names[i], split)),
    frames: await reportFrames({ data, ids, split, images }, runs),
  });
  sweepTemporariesOf(out);
  writeFileAtomic(out, page);
  return ids;
}

/** Folder names, or whole paths where those are not all different. */
function runNames(paths: readonly string[]): readonly string[] {
  const short = paths.map((path) => basename(path));
  return new Set(short).size === short.length ? short : paths;
}

/** `count` entries of a list, evenly spread over it. */
export function evenly<T>(list: readonly T[], count: number): T[] {
  const n = Math.min(count, list.length);
  return Array.from({ length: n }, (_, i) => list[Math.floor(((i + 0.5) * list.length) / n)]);
}

/** Scans with what each run found in them: nothing where a run has not been evaluated on the split. */
async function reportFrames(
  { data, ids, split, images }: Pick<ReportRequest, "data" | "split"> & { ids: readonly string[]; images: boolean },
  runs: readonly string[],
): Promise<ViewerFrame[]> {
  await data.require(ids);
  const frames: ViewerFrame[] = [];
  for (const id of ids) {
    const frame = await data.read(id);
    const files = runs.map((path) => join(runFolder(path).predictions(split), `${fileNameOf(id)}.txt`));
    const found = files.map(async (file) => {
      if (!existsSync(file)) return [];
      return readResultBoxes(file, frame);
    });
    const image = images ? viewerImage(frame, data) : undefined;
    frames.push({ ...viewerFrame(frame), detections: await Promise.all(found), ...(image && { image }) });
  }
  return frames;
}

/** A run, with a word on detections that the 3D view would need and that are not there. */
function runWithNotes(path: string, name: string, split: string): ReportRun {
  const run = shownRun(path, name);
  if (existsSync(runFolder(path).predictions(split))) return run;
  const note = ["In the 3D view", `no detections: \`eloss eval --split ${split}\` has not been run`] as const;
  return { ...run, facts: [...run.facts, note] };
}
