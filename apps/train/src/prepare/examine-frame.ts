import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Calibration, readCalibration, readImageSize, readLabels, readScan } from "kitti-io";
import { pointsInBox } from "lidar-augment";
import { trainingFolder } from "../frames/frame-split.js";
import { frameFromKitti } from "../frames/kitti-frame.js";
import { visiblePoints } from "../frames/visible-frame.js";
import type { FileRecord, FrameRecord } from "./frame-record.js";
import { NO_OBJECTS, type ObjectTable, tableOf } from "./object-table.js";

/** A frame, and the objects cut out of it. */
export interface Examined {
  readonly record: FrameRecord;
  readonly objects: ObjectTable;
}

/**
 * Reads and checks everything of a frame and cuts out its objects: those in the camera's view, of every class but DontCare,
 * with a point at least. A frame with something wrong comes back with its `fault`, and without objects.
 * @param data KITTI root
 */
export async function examineFrame(data: string, id: string): Promise<Examined> {
  const folder = trainingFolder(data);
  try {
    return await examine(folder, id);
  } catch (error) {
    const record = { id, files: filesOf(folder, id), points: 0, objects: {}, fault: (error as Error).message };
    return { record, objects: NO_OBJECTS };
  }
}

async function examine(folder: string, id: string): Promise<Examined> {
  const path = (name: string) => join(folder, name);
  const names = namesOf(id);
  const scan = await readScan(path(names.scan), { nonFinite: "error" });
  if (scan.length === 0) throw new Error(`${path(names.scan)}: expected points, got an empty file`);
  const calibration = await readCalibration(path(names.calibration));
  checkCalibration(calibration, path(names.calibration));
  const imageSize = existsSync(path(names.image)) ? await readImageSize(path(names.image)) : undefined;
  const labels = existsSync(path("label_2")) ? await readLabels(path(names.labels)) : [];
  const frame = frameFromKitti({ id, points: scan, calibration, imageSize, objects: labels });
  const seen = visiblePoints(frame);
  const counts: Record<string, number> = {};
  for (const { type } of frame.objects!) counts[type] = (counts[type] ?? 0) + 1;
  const rows = frame.objects!.flatMap(({ type, box, difficulty }) => {
    const points = pointsInBox(seen, box); // all of them, also where another box overlaps
    return points.length === 0 ? [] : [{ points, box, className: type, difficulty: difficulty!, id }];
  });
  const files = filesOf(folder, id);
  const unread = Object.keys(files).find((name) => files[name].sha256 === undefined);
  if (unread !== undefined) throw new Error(`${path(unread)}: cannot be read to its end`); // a picture's header can be
  const record = { id, files, points: scan.length / 4, objects: counts };
  return { record, objects: tableOf(rows) };
}

function namesOf(id: string) {
  return {
    scan: `velodyne/${id}.bin`,
    calibration: `calib/${id}.txt`,
    labels: `label_2/${id}.txt`,
    image: `image_2/${id}.png`,
  };
}

/** Size, time and hash of every file that a frame has. */
export function filesOf(folder: string, id: string): Record<string, FileRecord> {
  const present = Object.values(namesOf(id)).filter((name) => existsSync(join(folder, name)));
  return Object.fromEntries(present.map((name) => [name, fileRecordOf(join(folder, name))]));
}

/** A file as it is now; without a hash where it cannot be read. */
export function fileRecordOf(path: string): FileRecord {
  const { size, mtimeMs } = statSync(path);
  const record = { bytes: size, written: mtimeMs };
  try {
    return { ...record, sha256: hashOf(readFileSync(path)) };
  } catch {
    return record;
  }
}

export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** How far a rotation of a file may be from a true one: KITTI's are printed with seven digits. */
const ROTATION_TOLERANCE = 1e-3;

/** @throws Error if a rotation is none, or the camera's focal lengths are not positive */
function checkCalibration({ r0Rect, veloToCam, p2 }: Calibration, path: string): void {
  const rotations = { R0_rect: [r0Rect, 3], Tr_velo_to_cam: [veloToCam, 4] } as const;
  for (const [name, [matrix, columns]] of Object.entries(rotations)) {
    const row = (i: number) => [0, 1, 2].map((j) => matrix[i * columns + j]);
    for (let i = 0; i < 3; i++)
      for (let j = 0; j <= i; j++) {
        const product = row(i).reduce((sum, value, k) => sum + value * row(j)[k], 0);
        if (Math.abs(product - Number(i === j)) <= ROTATION_TOLERANCE) continue;
        throw new Error(
          `${path}: expected a rotation for ${name}, got rows ${j} and ${i} with product ${product.toFixed(4)}`,
        );
      }
  }
  if (!(p2[0] > 0 && p2[5] > 0)) {
    throw new Error(`${path}: expected positive focal lengths in P2, got ${p2[0]} and ${p2[5]}`);
  }
}
