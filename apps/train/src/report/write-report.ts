import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { openDataset, readLabels } from "kitti-io";
import { type DataDescription, type ReportRun, reportHtml, type ViewerFrame } from "report-page";
import { resolveSplit } from "../frames/frame-split.js";
import { frameFromKitti, objectsFromKitti } from "../frames/kitti-frame.js";
import { runFolder } from "../runs/run-folder.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import { readRun } from "./read-run.js";
import { viewerBoxes, viewerFrame } from "./viewer-frames.js";

/** What to report on, and where to write it. */
export interface ReportRequest {
  /** run folders, in the order of the columns */
  readonly runs: readonly string[];
  /** KITTI root that the scans for the 3D view come from */
  readonly data: string;
  /** the split to take them from, as `eloss eval` knows it: its detections are shown where it has been run */
  readonly split: string;
  /** the file to write */
  readonly out: string;
  /** how many scans to show; default 4 */
  readonly frames?: number;
  readonly title?: string;
}

/**
 * Writes a report on training runs as one HTML file, whole or not at all. Evaluations and detections are taken from the
 * run folders; nothing is computed anew.
 * @throws Error naming the file that is missing or wrong
 */
export async function writeReport({ runs, data, split, out, frames = 4, title }: ReportRequest): Promise<void> {
  const names = runNames(runs);
  const ids = evenly(resolveSplit(data, split), frames);
  const page = reportHtml({
    title: title ?? `Training report: ${names.join(", ")}`,
    data: describeData(data),
    made: new Date().toISOString(),
    runs: runs.map((path, i) => readShownRun(path, names[i], split)),
    frames: await reportFrames({ data, ids, split }, runs),
  });
  writeFileAtomic(out, page);
}

/** Folder names, or whole paths where those are not all different. */
function runNames(paths: readonly string[]): readonly string[] {
  const short = paths.map((path) => basename(path));
  return new Set(short).size === short.length ? short : paths;
}

/** Where frames come from, in words; a folder with `kitti-sim.json` is simulated. */
export function describeData(data: string): DataDescription {
  const manifest = join(data, "kitti-sim.json");
  if (!existsSync(manifest)) {
    return { name: basename(data), simulated: false, description: `frames in KITTI's format, read from ${data}.` };
  }
  const { seed, train, val } = JSON.parse(readFileSync(manifest, "utf8"));
  return {
    name: "Simulated streets",
    simulated: true,
    description:
      `made by kitti-sim (seed ${seed}, ${train} frames to train on, ${val} to validate on), seen by a ` +
      "ray-cast 64-beam scanner. No real scan is among them.",
  };
}

/** `count` entries of a list, evenly spread over it. */
export function evenly<T>(list: readonly T[], count: number): T[] {
  const n = Math.min(count, list.length);
  return Array.from({ length: n }, (_, i) => list[Math.floor(((i + 0.5) * list.length) / n)]);
}

/** Scans with what each run found in them: nothing where a run has not been evaluated on the split. */
async function reportFrames(
  { data, ids, split }: { data: string; ids: readonly string[]; split: string },
  runs: readonly string[],
): Promise<ViewerFrame[]> {
  const dataset = await openDataset(data, { frames: [...ids] });
  const frames: ViewerFrame[] = [];
  for (const id of ids) {
    const read = await dataset.readFrame(id);
    const files = runs.map((path) => join(runFolder(path).predictions(split), `${id}.txt`));
    const found = files.map(async (file) =>
      existsSync(file)
        ? viewerBoxes(objectsFromKitti(await readLabels(file, { score: "required" }), read.calibration))
        : [],
    );
    frames.push({ ...viewerFrame(frameFromKitti(read)), detections: await Promise.all(found) });
  }
  return frames;
}

/** A run, with a word on detections that the 3D view would need and that are not there. */
function readShownRun(path: string, name: string, split: string): ReportRun {
  const run = readRun(path, name);
  if (existsSync(runFolder(path).predictions(split))) return run;
  const note = ["In the 3D view", `no detections: \`eloss eval --split ${split}\` has not been run`] as const;
  return { ...run, facts: [...run.facts, note] };
}
