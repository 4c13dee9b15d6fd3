import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ViewerBox, type ViewerFrame, viewerHtml } from "report-page";
import type { DataSource } from "../frames/data-source.js";
import { cameraOf, type Frame, fileNameOf } from "../frames/frame.js";
import { networkInput } from "../frames/network-input.js";
import { visibleFrame } from "../frames/visible-frame.js";
import { type Detector, predictFrame } from "../inference/predict-frame.js";
import { counted } from "../system/counted.js";
import { readResultBoxes, viewerFrame, viewerImage } from "./viewer-frames.js";

/** Where boxes that are not labels come from, by the name that the page gives it. */
export interface BoxSource {
  readonly name: string;
  boxes(frame: Frame, data: DataSource): Promise<readonly ViewerBox[]>;
}

/** Which frames of a dataset to show, and how. */
export interface ViewRequest {
  readonly data: DataSource;
  /** frame names; one or more */
  readonly frames: readonly string[];
  /** all points, not only those that the camera sees */
  readonly full: boolean;
  /** false: not the camera's images, of which each takes as much of the page as its file; default true */
  readonly images?: boolean;
  readonly sources: readonly BoxSource[];
}

/**
 * The 3D view of frames as one HTML file: points, image and labels if there are any, and what each source found.
 * @throws Error naming the frame and the file that is missing or wrong
 */
export async function viewPage({ data, frames, full, images = true, sources }: ViewRequest): Promise<string> {
  await data.require(frames);
  const shown: ViewerFrame[] = [];
  let cropped = false;
  for (const id of frames) {
    const frame = await data.read(id);
    cropped ||= !full && cameraOf(frame) !== undefined;
    const detections: (readonly ViewerBox[])[] = [];
    for (const source of sources) detections.push(await source.boxes(frame, data));
    const image = images ? viewerImage(frame, data) : undefined;
    shown.push({ ...viewerFrame(frame, { full }), detections, ...(image && { image }) });
  }
  const points = cropped ? "the points that the camera sees" : "all points of the scan";
  return viewerHtml({
    title: frames.length === 1 ? `Frame ${frames[0]}` : counted(frames.length, "frame"),
    description: `From ${data.root}: ${points}${sources.map(({ name }) => `; boxes of ${name}`).join("")}.`,
    sources: sources.map(({ name }) => name),
    frames: shown,
  });
}

/**
 * Boxes from a folder of result files, as `eloss eval` writes them.
 * @throws Error from `boxes` naming the file that is missing or wrong
 */
export function resultFolder(folder: string): BoxSource {
  return {
    name: folder,
    async boxes(frame) {
      const file = join(folder, `${fileNameOf(frame.id)}.txt`);
      if (!existsSync(file)) {
        throw new Error(
          `--predictions ${folder}: expected a result file for frame ${frame.id}, but ${file} is missing`,
        );
      }
      return readResultBoxes(file, frame);
    },
  };
}

/** Boxes that a detector finds, from the points that the camera sees, as in training. */
export function detectorBoxes(detector: Detector, name: string): BoxSource {
  return {
    name,
    async boxes(frame, data) {
      const { config } = detector;
      const seen = { ...visibleFrame(frame, config), image: config.camera && (await data.readImage(frame.id)) };
      const { boxes, scores, labels } = await predictFrame(detector, networkInput(seen, config));
      return Array.from(scores, (score, i) => ({
        type: config.classes[labels[i]].name,
        box: Array.from(boxes.subarray(7 * i, 7 * i + 7)),
        score,
      }));
    },
  };
}
