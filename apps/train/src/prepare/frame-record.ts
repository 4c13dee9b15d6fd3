import { z } from "zod";

const fileRecord = z.strictObject({
  bytes: z.int().min(0),
  /** when it was last written, milliseconds since 1970: a file with the same time and size is taken to be the same */
  written: z.number(),
  /** absent where the file could not be read: its frame has a fault */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});

/** Below the root of the data, never out of it. */
const isPlain = (name: string) => name.split(/[\\/]/).every((part) => !["", ".", ".."].includes(part));

export const frameRecordSchema = z.strictObject({
  id: z.string().min(1),
  /** by the names that the data source gives them */
  files: z.record(z.string().refine(isPlain, "expected the name of a file of a frame"), fileRecord),
  points: z.int().min(0),
  /** objects of each class, DontCare left out */
  objects: z.record(z.string(), z.int().min(1)),
  /** objects with points in the scan, none of which the camera sees: they are left out */
  hidden: z.int().min(1).optional(),
  /** points left out as a number of theirs is not finite */
  dropped: z.int().min(1).optional(),
  /** what makes its scan or calibration doubtful, in sentences; it is used */
  doubts: z.array(z.string().max(1000)).min(1).max(100).optional(),
  /** what is wrong with the frame; such a frame has no objects in the database and is not trained on */
  fault: z.string().optional(),
});

/** A file as it was when it was examined. */
export type FileRecord = z.infer<typeof fileRecord>;
/** What examining a frame found. */
export type FrameRecord = z.infer<typeof frameRecordSchema>;
