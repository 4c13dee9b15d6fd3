import type { DataOptions, DataSource } from "./data-source.js";
import { openKittiFolder } from "./kitti-folder.js";
import { openScanFolder, scanLayoutOf } from "./scan-folder.js";

/**
 * Opens the data set at a path: scans and labels alone where there is a folder of them, else a KITTI folder. No frame is read:
 * whether there is a data set at all shows when it is asked for its frames.
 */
export function openDataSource(root: string, options: DataOptions = {}): DataSource {
  const layout = scanLayoutOf(root);
  return layout === undefined ? openKittiFolder(root, options) : openScanFolder(root, layout, options);
}
