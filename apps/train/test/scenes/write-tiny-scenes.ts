import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { objectFromBox, writeCalibration, writeLabels, writeScan } from "kitti-io";
import { USUAL_IMAGE_SIZE } from "../../src/frames/kitti-frame.js";
import { makeTinyScenes, tinyCalibration } from "./tiny-scene.js";

/**
 * Writes synthetic scenes as a KITTI data set without images, in place of whatever the folder held.
 * @returns the ids of its frames
 */
export async function writeTinyScenes(
  root: string,
  { count, seed }: { count: number; seed: number },
): Promise<string[]> {
  const training = join(root, "training");
  rmSync(training, { recursive: true, force: true });
  for (const folder of ["velodyne", "calib", "label_2"]) mkdirSync(join(training, folder), { recursive: true });
  const calibration = tinyCalibration();
  const frames = makeTinyScenes(count, seed);
  for (const { id, points, cars } of frames) {
    await writeScan(join(training, "velodyne", `${id}.bin`), points);
    await writeCalibration(join(training, "calib", `${id}.txt`), calibration);
    const options = { type: "Car", imageSize: USUAL_IMAGE_SIZE, truncated: 0, occluded: 0 };
    const objects = cars.map((car) => objectFromBox(car, calibration, options));
    const seen = objects.filter(({ bbox: [left, , right] }) => right > left);
    await writeLabels(join(training, "label_2", `${id}.txt`), seen);
  }
  return frames.map(({ id }) => id);
}
