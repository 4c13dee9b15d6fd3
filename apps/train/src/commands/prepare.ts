import { availableParallelism } from "node:os";
import { printable } from "checked-text";
import { Command } from "commander";
import { doubtLines } from "../frames/frame-doubts.js";
import { resolveSplit } from "../frames/frame-split.js";
import { openDataSource } from "../frames/open-data-source.js";
import { elsewhereNote, indexFolderOf, indexPath } from "../prepare/index-file.js";
import { sumOf } from "../prepare/object-counts.js";
import { type Prepared, prepareData } from "../prepare/prepare-data.js";
import { openRecipeIfNamed } from "../recipe/open-recipe.js";
import { counted } from "../system/counted.js";
import { printResult } from "../system/print-result.js";
import { startProgress } from "../system/progress.js";
import { listenForStop } from "../system/stop-signal.js";
import { jsonOption, MOST, setOption, splitOption, wholeNumber } from "./options.js";

interface PrepareFlags {
  readonly config?: string;
  readonly set: readonly string[];
  readonly split: string;
  readonly cache?: string;
  readonly workers: number;
  readonly json: boolean;
}

const HELP = `
Examples:
  eloss prepare KITTI                       every frame, into KITTI/.eloss
  eloss prepare KITTI --split train --cache kitti-index

Reads every frame once: whole points, calibrations whose rotations are rotations, labels line by line. Names the frames with
something wrong, with file and reason, and goes on; training leaves them out. Names what makes the others doubtful as what they claim to
be, such as intensities above 1, another number of columns or a camera on its side; points that are not finite are left out and counted. Writes index.json (what each file
was: size, time, SHA-256) and the objects' points that training pastes into other scans. \`eloss train\` does this by itself where
it was not done, and refuses an index whose files have changed since: then run this again; only what changed is read.
Interrupted, the same command goes on; while another process writes into the same folder, it waits and takes over what that did.
The files are the same for any number of workers.

Exit status: 0 every frame is good, 1 some are not (or an error), 130 interrupted.`;

export function prepareCommand(): Command {
  return new Command("prepare")
    .description("check a KITTI folder and cut out the objects that training pastes into scans")
    .argument("<data>", "KITTI root, with training/velodyne or velodyne in it")
    .addOption(splitOption("all"))
    .option("--config <recipe>", "recipe whose `data` says how the files are to be read")
    .addOption(setOption())
    .option(
      "--cache <dir>",
      "folder for the index (default: .eloss in the data, or the user's cache if that cannot be written)",
    )
    .option("--workers <n>", "threads; 0: the main one", wholeNumber(0, MOST.workers), availableParallelism())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (data: string, flags: PrepareFlags) => {
      process.exitCode = await prepare(data, flags);
    });
}

async function prepare(root: string, { config, set, split, cache, workers, json }: PrepareFlags): Promise<number> {
  const reading = openRecipeIfNamed(config, "--config", set)?.data;
  const data = openDataSource(root, { reading });
  const frames = resolveSplit(data, split);
  const folder = indexFolderOf(root, cache, reading);
  const note = elsewhereNote(root, folder, cache);
  if (note !== undefined) process.stderr.write(`${note}\n`);
  const stop = listenForStop("stopping after the frames at hand (Ctrl-C again: end at once)");
  const progress = startProgress("prepare", frames.length);
  let told = 0;
  try {
    const prepared = await prepareData({
      data,
      frames,
      folder,
      workers,
      signal: stop.signal,
      onWait: (who) => process.stderr.write(`waiting: ${who}\n`),
      onFrame: ({ done, record }) => {
        for (; told < done; told++) progress.advance(record.id);
        if (record.fault) progress.mention(`frame ${record.id}: ${record.fault}`);
      },
    });
    progress.stop();
    return report(prepared, { frames, folder, json });
  } catch (error) {
    if (!stop.requested) throw error;
    process.stderr.write("stopped; the same command goes on\n");
    return 130;
  } finally {
    progress.stop();
    stop.release();
  }
}

function report(
  { index, examined, kept }: Prepared,
  { frames, folder, json }: { frames: readonly string[]; folder: string; json: boolean },
): number {
  const wanted = new Set(frames);
  const records = index.frames.filter(({ id }) => wanted.has(id));
  const faults = records.flatMap(({ id, fault }) => (fault === undefined ? [] : [{ id, fault }]));
  const objects = sumOf(records.map((record) => record.objects));
  const list = Object.entries(objects).map(([name, count]) => `${count} ${name}`);
  const sum = (of: "hidden" | "dropped") => records.reduce((total, record) => total + (record[of] ?? 0), 0);
  const [hidden, dropped] = [sum("hidden"), sum("dropped")];
  const doubts = records.flatMap((record) => (record.doubts ? [{ id: record.id, doubts: record.doubts }] : []));
  const lines = [
    ...faults.map(({ id, fault }) => `frame ${id} is left out: ${fault}`),
    `${counted(records.length - faults.length, "good frame")} of ${records.length} (${examined} examined now, ${kept} known); ` +
      (list.join(", ") || "no objects"),
    ...(hidden === 0
      ? []
      : [
          `${counted(hidden, "object has", "objects have")} points in the scan, but none that the camera sees: left out`,
        ]),
    ...doubtLines(records),
    indexPath(folder),
  ];
  printResult(
    json,
    { index: indexPath(folder), frames: records.length, examined, kept, objects, hidden, dropped, doubts, faults },
    printable(lines.join("\n")),
  );
  return faults.length === 0 ? 0 : 1;
}
