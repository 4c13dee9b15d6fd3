import { Command } from "commander";
import { cropToCameraView, encodeLabels, readCalibration, readImageSize, readScan } from "kitti-io";
import { prepareFrame } from "second-detector";
import { type BackendName, useBackend } from "../backend.js";
import { openTrainedDetector } from "../open-detector.js";
import { backendOption, jsonOption, seedOption } from "../options.js";
import { predictedObjects, predictFrame } from "../predict-frame.js";
import { openRunFolder } from "../run-folder.js";
import { USUAL_IMAGE_SIZE } from "../training-frames.js";

interface InferFlags {
  readonly run: string;
  readonly calib: string;
  readonly image?: string;
  readonly kitti: boolean;
  readonly backend: BackendName;
  readonly json: boolean;
}

const HELP = `
Example:
  eloss infer --run runs/with --calib KITTI/training/calib/000001.txt KITTI/training/velodyne/000001.bin

Boxes are in the LiDAR frame: x forward, y left, z up, the centre of the box, metres; yaw counter-clockwise from x,
radians. As in training, only points that the camera sees are used: give --image for its size (only the header is read),
else ${USUAL_IMAGE_SIZE.width} x ${USUAL_IMAGE_SIZE.height} is assumed.`;

export function inferCommand(): Command {
  return new Command("infer")
    .description("find objects in one scan with a trained run")
    .argument("<scan.bin>", "Velodyne scan: float32 x, y, z, intensity")
    .requiredOption("--run <dir>", "run folder that `eloss train` made")
    .requiredOption("--calib <file>", "KITTI calibration of the scan")
    .option("--image <file>", "PNG of the left colour camera, for its size")
    .option("--kitti", "print the lines of a KITTI result file", false)
    .addOption(seedOption("accepted by every command; nothing is random in this one"))
    .addOption(backendOption())
    .addOption(jsonOption().conflicts("kitti"))
    .addHelpText("after", HELP)
    .action(async (scan: string, flags: InferFlags) => {
      const run = openRunFolder(flags.run);
      const calibration = await readCalibration(flags.calib);
      const imageSize = flags.image === undefined ? USUAL_IMAGE_SIZE : await readImageSize(flags.image);
      const points = cropToCameraView(await readScan(scan), calibration, imageSize);
      const { description, notes } = await useBackend(flags.backend);
      for (const line of [`backend ${description}`, ...notes]) process.stderr.write(`${line}\n`);

      const { detector, step } = openTrainedDetector(run);
      const { config } = detector;
      const found = await predictFrame(detector, prepareFrame(points, config));
      const objects = Array.from(found.scores, (score, i) => ({
        type: config.classes[found.labels[i]].name,
        score,
        box: Array.from(found.boxes.subarray(7 * i, 7 * i + 7)),
      }));
      process.stderr.write(`${points.length / 4} points in view, checkpoint of step ${step}\n`);
      if (flags.json) process.stdout.write(`${JSON.stringify({ scan, step, objects }, null, 2)}\n`);
      else if (flags.kitti)
        process.stdout.write(encodeLabels(predictedObjects(found, { config, calibration, imageSize })));
      else process.stdout.write(table(objects));
    });
}

interface FoundObject {
  readonly type: string;
  readonly score: number;
  readonly box: readonly number[];
}

function table(objects: readonly FoundObject[]): string {
  if (objects.length === 0) return "no objects found\n";
  const heads = ["x", "y", "z", "length", "width", "height", "yaw"];
  const rows = objects.map(
    ({ type, score, box }) =>
      type.padEnd(12) + score.toFixed(3).padStart(6) + box.map((value) => value.toFixed(2).padStart(9)).join(""),
  );
  return `${["class".padEnd(12) + "score".padStart(6) + heads.map((head) => head.padStart(9)).join(""), ...rows].join("\n")}\n`;
}
