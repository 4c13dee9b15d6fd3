import { basename, resolve } from "node:path";
import { MAX_FILE_BYTES } from "kitti-io";
import { pointsInBox } from "lidar-augment";
import { guessColumns } from "point-cloud-io";
import { classNamed, type DataReading } from "../frames/data-reading.js";
import type { DataSource } from "../frames/data-source.js";
import { cameraOf } from "../frames/frame.js";
import { type FrameDoubts, frameDoubts } from "../frames/frame-doubts.js";
import { eachFrame, type LeftOut, readingFrame } from "../frames/frame-fault.js";
import { visiblePoints } from "../frames/visible-frame.js";
import { readBytes } from "../system/read-file.js";

/** A labelled object, and how much the scan shows of it. */
export interface SurveyedObject {
  /** its class, as the reading names it */
  readonly type: string;
  /** its class, as the labels name it */
  readonly label: string;
  /** [7] x, y, z, dx, dy, dz, yaw; LiDAR frame */
  readonly box: Float64Array;
  readonly points: number;
}

/** A scan with its objects. */
export interface SurveyedScan {
  readonly id: string;
  /** [n, 4] what a detector is shown */
  readonly points: Float32Array;
  readonly objects: readonly SurveyedObject[];
}

/** What a data set holds, as far as a configuration depends on it. */
export interface Survey {
  readonly frames: number;
  readonly objects: readonly SurveyedObject[];
  /** a few, to count voxels of and to be shown */
  readonly scans: readonly SurveyedScan[];
  readonly largestIntensity: number;
  readonly withoutIntensity: boolean;
  /** a camera says which points and objects count; else whole scans do */
  readonly withCamera: boolean;
  /** of every frame; the scale of intensities is no doubt, it is found out here */
  readonly doubts: readonly FrameDoubts[];
}

/** What is told while frames are read, and what labels stand for. */
interface SurveyOptions {
  /** classes by the names that labels have for them; case does not matter */
  readonly classes?: DataReading["classes"];
  readonly onFrame?: (id: string) => void;
  readonly onFault?: (frame: LeftOut) => void;
}

/** Scans that are kept for counting. */
const KEPT = 8;

/**
 * Reads frames of a data set; those whose files are at fault are left out.
 * @param options onFrame: told after each; onFault: told of each that is left out
 * @throws Error if all are left out, or the data have no labels
 */
export async function surveyData(
  data: DataSource,
  ids: readonly string[],
  { classes, onFrame = () => {}, onFault = () => {} }: SurveyOptions = {},
): Promise<Survey> {
  data.requireLabels();
  const objects: SurveyedObject[] = [];
  const scans: SurveyedScan[] = [];
  const doubts: FrameDoubts[] = [];
  let [largestIntensity, withoutIntensity, withCamera] = [0, false, false];
  const survey = async (id: string) => {
    const frame = await readingFrame(() => data.examine(id));
    const points = visiblePoints(frame);
    const found = (frame.objects ?? []).map(({ type: label, box }) => {
      return { type: classNamed(label, { classes }), label, box, points: pointsInBox(points, box).length / 4 };
    });
    objects.push(...found);
    doubts.push({ id, doubts: frameDoubts(frame, { intensity: "any" }), dropped: frame.dropped });
    for (let i = 3; i < points.length; i += 4) largestIntensity = Math.max(largestIntensity, points[i]);
    withoutIntensity ||= frame.withoutIntensity === true;
    withCamera ||= cameraOf(frame) !== undefined;
    if (scans.length < KEPT) scans.push({ id, points, objects: found });
    onFrame(id);
  };
  const leftOut = (await eachFrame(ids, survey, { onFault }))!;
  const found = { objects, scans, largestIntensity, withoutIntensity, withCamera, doubts };
  return { frames: ids.length - leftOut.length, ...found };
}

/**
 * Columns of scans whose files name none, where they are not the usual four: judged by the values of the first one.
 * @throws Error naming the file if its numbers make no scan with any number of columns, or with several
 */
export function columnsOf(data: DataSource, id: string): DataReading["columns"] {
  const scan = Array.from(data.files(id).values()).find((path) => path.toLowerCase().endsWith(".bin"));
  if (scan === undefined) return undefined;
  const guess = guessColumns(readBytes(scan, { what: "a scan", most: MAX_FILE_BYTES.scan }), scan);
  if (guess?.type === "float64") {
    throw new Error(`${scan}: expected float32 numbers, got what looks like float64; write the scans as .npy`);
  }
  if (guess === undefined) {
    throw new Error(
      `${scan}: expected float32 numbers of a scan, could not tell how many a point has; name them: ` +
        "--columns x,y,z,intensity",
    );
  }
  return guess.names.join() === "x,y,z,intensity" ? undefined : guess.names;
}

/** Characters that a recipe's name may have. */
const MOST_CHARACTERS = 100;

/** A name for what is configured for a folder: its own, letters and digits of any script. */
export function nameOfData({ root }: Pick<DataSource, "root">): string {
  const name = basename(resolve(root)).replace(/[^\p{L}\p{M}\p{N}_.-]/gu, "-");
  return name.slice(0, MOST_CHARACTERS) || "data";
}
