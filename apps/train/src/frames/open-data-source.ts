import type { DataSource } from "./data-source.js";
import { type KittiFolderOptions, openKittiFolder } from "./kitti-folder.js";

/**
 * Opens the data set at a path: a KITTI folder, the one kind that there is yet. This is where another kind would be told from
 * it. Nothing is read: whether there is a data set at all shows when it is asked for its frames.
 */
export function openDataSource(root: string, options: KittiFolderOptions = {}): DataSource {
  return openKittiFolder(root, options);
}
