import { WrongUse } from "../system/command-error.js";
import type { DataReading } from "./data-reading.js";
import type { FrameReader } from "./data-source.js";
import { readerOfFiles } from "./kitti-folder.js";
import { readerOfScans } from "./scan-folder.js";

/** Files that belong to a scan. */
export interface ScanFiles {
  /** KITTI's calibration */
  readonly calib?: string | undefined;
  readonly image?: string | undefined;
}

/**
 * A reader of single scans by their paths.
 * @param command for the message
 * @throws WrongUse if the camera counts and is not given
 */
export function scanReader(
  command: string,
  reading: DataReading,
  { calib: calibration, image }: ScanFiles,
): FrameReader {
  if (calibration !== undefined) {
    return readerOfFiles((id) => ({ id, scan: id, calibration, ...(image !== undefined && { image }) }), reading);
  }
  if (reading.view === "full" && image === undefined) return readerOfScans((id) => id, reading);
  throw new WrongUse(
    `${command}: expected --calib <file> with a scan: the detector learnt the points that a camera sees. One that learnt whole scans needs ` +
      "none: its recipe says `view: full`, or give --full",
  );
}
