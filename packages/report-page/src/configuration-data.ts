import type { PackedFrame, ViewerFrame } from "./viewer-frame.js";

/** What was chosen for a data set, and why. LiDAR frame: x forward, y left, z up, metres. */
export interface ConfigurationData {
  readonly title: string;
  /** a sentence on the data */
  readonly description: string;
  /** what to do next, a command each */
  readonly commands: readonly string[];
  /** x, y, z from, then to */
  readonly pointRange: readonly number[];
  /** of the map that holds the anchors: metres along x and y */
  readonly cell: readonly [number, number];
  readonly classes: readonly ConfiguredClass[];
  /** scans with their labelled objects, of all classes; one or more */
  readonly frames: readonly ViewerFrame[];
  /** what was chosen, its value, why; a first word with two spaces before it belongs to the row above */
  readonly reasons: readonly (readonly [key: string, value: string, why: string])[];
  /** as it stands in its file */
  readonly recipe: string;
}

/** A class that a detector shall find. */
export interface ConfiguredClass {
  readonly name: string;
  readonly labelled: number;
  /** with points enough to be learnt from */
  readonly seen: number;
  /** of these, with their centre in the range */
  readonly inRange: number;
  /** length, width, height */
  readonly anchorSize: readonly number[];
  /** z of its lower face */
  readonly anchorBottom: number;
  /** [7] each: x, y, z of the centre, length, width, height, yaw; a sample of those that are seen */
  readonly boxes: readonly (readonly number[])[];
}

/** What the script of the page reads. */
export interface ConfigurationPageData extends Omit<ConfigurationData, "frames"> {
  readonly frames: readonly PackedFrame[];
}
