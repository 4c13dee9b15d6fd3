import type { DataOptions, DataSource } from "../frames/data-source.js";
import { openDataSource } from "../frames/open-data-source.js";
import { examineFrame } from "./examine-frame.js";

// The code of a thread that examines frames: what `prepareData` runs.

let opened: DataSource | undefined;

/** A frame to examine, and the data that it belongs to. */
export interface ExamineTask {
  readonly root: string;
  readonly options: DataOptions;
  readonly id: string;
}

export default async function examineTask({ root, options, id }: ExamineTask) {
  if (opened?.root !== root) opened = openDataSource(root, options);
  return examineFrame(opened, id);
}
