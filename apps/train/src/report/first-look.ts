import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { simulateFrame } from "kitti-sim";
import { type ViewerFrame, viewerHtml } from "report-page";
import { readPretrained } from "second-weights";
import type { DataSource } from "../frames/data-source.js";
import type { Frame } from "../frames/frame.js";
import { resolveSplit } from "../frames/frame-split.js";
import { frameFromKitti } from "../frames/kitti-frame.js";
import { openDataSource } from "../frames/open-data-source.js";
import { makeDetector } from "../inference/open-detector.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import { detectorBoxes } from "./view-page.js";
import { viewerFrame } from "./viewer-frames.js";
import { evenly } from "./write-report.js";

/** The detector that looks. */
const NAME = "second-small";
/** Scans of each kind that are shown. */
const SHOWN = 4;
/** Not of a seed that it was trained on. */
const SEED = 1_000_000;

/** What a page of first looks shows. */
export interface FirstLook {
  readonly out: string;
  /** a data set with real scans to show beside simulated ones */
  readonly data?: string | undefined;
  /** told before each frame what it is called; false ends it */
  readonly onFrame: (name: string) => Promise<boolean>;
}

/** Where real scans are looked for if nothing is said: beside the folder that the command runs in. */
const BESIDE = "../shared/kitti-mini";

/** A data set to show real scans of: the one that is asked for, or the one beside, if it is there. */
export function realScans(asked: string | undefined): string | undefined {
  if (asked !== undefined) return asked;
  return existsSync(BESIDE) ? BESIDE : undefined;
}

/**
 * Writes a page of what the published weights find in simulated scans that they have never seen, and in real ones where there are
 * some: within seconds, before anything is trained.
 * @returns how many scans it shows; undefined if it was asked to end
 * @throws Error naming the file that is missing or wrong
 */
export async function writeFirstLook({ out, data, onFrame }: FirstLook): Promise<number | undefined> {
  const { weights, config, card } = readPretrained(NAME);
  const real = data === undefined ? undefined : openDataSource(data);
  const detector = makeDetector(weights, config);
  const source = detectorBoxes(detector, NAME);
  const shown: ViewerFrame[] = [];
  const look = async (frame: Frame, of: DataSource | undefined) => {
    // a detector without a camera asks for no image
    shown.push({ ...viewerFrame(frame), detections: [await source.boxes(frame, of as DataSource)] });
  };
  try {
    for (let frame = 0; frame < SHOWN; frame++) {
      if (!(await onFrame(`street ${frame}`))) return undefined;
      await look(simulatedFrame(frame), undefined);
    }
    for (const id of real === undefined ? [] : evenly(resolveSplit(real, "all"), SHOWN)) {
      if (!(await onFrame(id))) return undefined;
      const frame = await real!.read(id);
      await look({ ...frame, id: `${basename(resolve(real!.root))} ${id}` }, real);
    }
  } finally {
    detector.network.dispose();
  }
  const page = viewerHtml({
    title: "What the published weights find",
    description: `${card.description}. Streets of kitti-sim with another seed${real === undefined ? "" : `, and real scans from ${real.root}`}: labels, and boxes of ${NAME}.`,
    sources: [NAME],
    frames: shown,
  });
  writeFileAtomic(out, page);
  return shown.length;
}

function simulatedFrame(frame: number): Frame {
  const { points, calibration, objects, image } = simulateFrame({ seed: SEED, frame, field: "camera" });
  return frameFromKitti({ id: `street ${frame}`, points, calibration, objects, imageSize: image });
}
