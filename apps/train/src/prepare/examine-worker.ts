import type { DataSource } from "../frames/data-source.js";
import { openDataSource } from "../frames/open-data-source.js";
import { examineFrame } from "./examine-frame.js";

// The code of a thread that examines frames: what `prepareData` runs.

let opened: DataSource | undefined;

export default async function examineTask({ root, id }: { root: string; id: string }) {
  if (opened?.root !== root) opened = openDataSource(root);
  return examineFrame(opened, id);
}
