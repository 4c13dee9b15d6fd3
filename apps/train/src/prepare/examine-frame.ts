import { cutObjects } from "lidar-augment";
import type { DataSource } from "../frames/data-source.js";
import { frameDoubts } from "../frames/frame-doubts.js";
import { hiddenObjects, visiblePoints } from "../frames/visible-frame.js";
import type { FrameRecord } from "./frame-record.js";
import { recordFiles } from "./freshness.js";
import { countOf } from "./object-counts.js";
import { NO_OBJECTS, type ObjectTable, tableOf } from "./object-table.js";

/** A frame, and the objects cut out of it. */
export interface Examined {
  readonly record: FrameRecord;
  readonly objects: ObjectTable;
}

/**
 * Reads and checks everything of a frame and cuts out its objects: those that the camera sees a point of, of every class. A
 * frame with something wrong comes back with its `fault`, and without objects.
 */
export async function examineFrame(data: DataSource, id: string): Promise<Examined> {
  try {
    return await examine(data, id);
  } catch (error) {
    const record = { id, files: recordFiles(data, id), points: 0, objects: {}, fault: (error as Error).message };
    return { record, objects: NO_OBJECTS };
  }
}

async function examine(data: DataSource, id: string): Promise<Examined> {
  const frame = await data.examine(id);
  const { objects = [] } = frame;
  const counts = countOf(objects.map(({ type }) => type));
  const boxes = Float64Array.from(objects.flatMap(({ box }) => [...box]));
  const labels = Int32Array.from(objects.keys());
  const rows = cutObjects({ points: visiblePoints(frame), boxes, labels }).flatMap(({ points, box, label }) => {
    const { type, difficulty } = objects[label];
    return points.length === 0 ? [] : [{ points, box, className: type, difficulty, id }];
  });
  const files = recordFiles(data, id);
  const unread = Object.keys(files).find((name) => files[name].sha256 === undefined);
  // A picture's header can be read where the rest cannot.
  if (unread !== undefined) throw new Error(`${data.files(id).get(unread)}: cannot be read to its end`);
  const hidden = hiddenObjects(frame).length;
  const { dropped = 0 } = frame;
  const doubts = frameDoubts(frame);
  const leftOut = { ...(hidden > 0 && { hidden }), ...(dropped > 0 && { dropped }) };
  const told = { ...leftOut, ...(doubts.length > 0 && { doubts }) };
  const record = { id, files, points: frame.points.length / 4, objects: counts, ...told };
  return { record, objects: tableOf(rows) };
}
