import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { examineFrame, openDataSource } from "eloss/inputs";
import { main as kittiEval } from "../../../../packages/kitti-eval/src/main.js";
import { Refusal, type Target } from "../target.js";
import { CALIBRATION, LABELS, RESULTS, SCAN } from "./kitti-files.js";
import { runCommand } from "./run-command.js";

const FRAME = { "velodyne/000000.bin": SCAN, "calib/000000.txt": CALIBRATION, "label_2/000000.txt": LABELS };

/** A frame of which one file is the faulty one: `eloss prepare` names what is wrong with it. */
function frameWith(file: keyof typeof FRAME): Target {
  return {
    name: `frame-${dirname(file)}`,
    file: file.replace(/^.*\//, ""),
    seeds: () => [FRAME[file]],
    async read(path) {
      const root = join(dirname(path), "data");
      for (const [name, content] of Object.entries(FRAME)) {
        mkdirSync(dirname(join(root, name)), { recursive: true });
        if (name === file) copyFileSync(path, join(root, name));
        else writeFileSync(join(root, name), content);
      }
      const { record } = await examineFrame(openDataSource(root), "000000");
      if (record.fault !== undefined) throw new Refusal(record.fault);
    },
  };
}

/** Labels and results as the command `kitti-eval` reads them, of which one is the faulty one. */
function evaluationWith(part: "labels" | "results"): Target {
  return {
    name: `kitti-eval-${part}`,
    file: "000000.txt",
    seeds: () => [part === "labels" ? LABELS : RESULTS],
    read(path) {
      const folders = { labels: join(dirname(path), "labels"), results: join(dirname(path), "results") };
      for (const [name, folder] of Object.entries(folders)) {
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(folder);
        if (name === part) copyFileSync(path, join(folder, "000000.txt"));
        else writeFileSync(join(folder, "000000.txt"), name === "labels" ? LABELS : RESULTS);
      }
      return runCommand(kittiEval, [folders.labels, folders.results, "--ceiling"]);
    },
  };
}

/** Folders with one faulty file in them. */
export const folders: readonly Target[] = [
  frameWith("velodyne/000000.bin"),
  frameWith("calib/000000.txt"),
  frameWith("label_2/000000.txt"),
  evaluationWith("labels"),
  evaluationWith("results"),
];
