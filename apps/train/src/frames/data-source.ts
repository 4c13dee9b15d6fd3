import type { DataDescription } from "report-page";
import type { RgbImage } from "second-detector";
import type { DataReading } from "./data-reading.js";
import type { Frame } from "./frame.js";
import type { ListedFrame } from "./frame-lists.js";

/** Frames by their names. */
export interface FrameReader {
  /** @throws Error naming the file that is missing or wrong */
  read(id: string): Promise<Frame>;
  /**
   * The picture of a frame's camera, for a detector that has one.
   * @throws Error naming the image: there is none, or one that cannot be read
   */
  readImage(id: string): Promise<RgbImage>;
}

/** Which frames of a data set to open, and how to read them. */
export interface DataOptions {
  /** of a KITTI folder; default `training` */
  readonly half?: "training" | "testing";
  /** false: the frames have no objects, whether there are labels or not; for inference */
  readonly labels?: boolean;
  /** as a recipe has it; default: KITTI's ways */
  readonly reading?: DataReading | undefined;
}

/**
 * A data set: all that the program knows of how and where frames are kept. KITTI folders and folders of
 * scans alone are two. An id is any text without a
 * comma or a line break; frames need no camera, no labels and no files of their own.
 */
export interface DataSource extends FrameReader {
  /** What it was opened by, for messages and to open it again in another thread. */
  readonly root: string;
  /** Every frame, in order. @throws Error if there is no such data set, with what one looks like */
  readonly ids: readonly string[];
  /**
   * The frames of a part by its name, such as `train`; `all` are all of them, unless there is a part of that name.
   * @throws Error saying what was looked for and what there is
   */
  part(name: string): readonly ListedFrame[];
  /** What it was opened with beside the root. */
  readonly options: DataOptions;
  /** @throws Error saying where labels were looked for, if the data set has none */
  requireLabels(): void;
  /**
   * Finds out, before hours of work, whether frames have all the files that they need; reads none of them.
   * @throws Error naming the frame and the file
   */
  require(ids: readonly string[]): Promise<void>;
  /**
   * Reads a frame and finds fault with all that can be wrong in it.
   * @throws Error naming the file and what is wrong
   */
  examine(id: string): Promise<Frame>;
  /** The files that a frame has now: their paths by names that stay when the data are moved, `/` between folders. */
  files(id: string): ReadonlyMap<string, string>;
  /** Where the frames come from, in words. */
  describe(): DataDescription;
}
