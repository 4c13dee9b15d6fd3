import { z } from "zod";

const column = z.string().min(1).max(40);
const pixels = z.int().min(1).max(65_536);

/** As a recipe has it under `data`. */
export const dataReadingSchema = z.strictObject({
  /** `camera`: the points that the camera sees, where a frame has one; `full`: the whole scan. Default `camera`. */
  view: z.enum(["camera", "full"]).optional(),
  /** Numbers of a point in files that name none (`.bin`, `.npy`); x, y and z among them. Default x, y, z, intensity. */
  columns: z
    .array(column)
    .min(3)
    .max(64)
    .refine((names) => ["x", "y", "z"].every((name) => names.includes(name)), "expected x, y and z among them")
    .optional(),
  /** Intensity that becomes 1: 255 where a sensor gives bytes. Default 1. */
  intensityMaximum: z.number().positive().max(1e9).optional(),
  /** Class of the detector by the name that labels have for it. Case does not matter. */
  classes: z.record(z.string().min(1).max(100), z.string().min(1).max(100)).optional(),
  /** Width and height of the camera's images, where a frame comes without its image. */
  imageSize: z.tuple([pixels, pixels]).optional(),
});

/** How the frames of a data set are to be read: what their files do not say themselves. Plain data, part of a recipe. */
export interface DataReading {
  readonly view?: "camera" | "full" | undefined;
  readonly columns?: readonly string[] | undefined;
  readonly intensityMaximum?: number | undefined;
  readonly classes?: Readonly<Record<string, string>> | undefined;
  readonly imageSize?: readonly [width: number, height: number] | undefined;
}

/** The class that a label's name stands for: that of the reading's `classes`, or the name itself. */
export function classNamed(name: string, { classes = {} }: DataReading): string {
  const key = Object.keys(classes).find((each) => each.toLowerCase() === name.toLowerCase());
  return key === undefined ? name : classes[key];
}
