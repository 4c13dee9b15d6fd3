import type { ReportData } from "./report-data.js";
import type { PackedFrame, ViewerFrames } from "./viewer-frame.js";

/** What the script of a report reads. Numbers that are not finite are null in it. */
export interface ReportPageData extends Omit<ReportData, "frames"> {
  readonly frames: readonly PackedFrame[];
}

/** What the script of a viewer page reads. */
export interface ViewerPageData extends Omit<ViewerFrames, "frames"> {
  readonly frames: readonly PackedFrame[];
}
