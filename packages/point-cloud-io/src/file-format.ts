import { quoted } from "checked-text";

/** The endings of the files that are read, lower case and without the dot. */
export const pointCloudExtensions: readonly FileFormat[] = ["bin", "npy", "pcd", "ply", "las", "laz"];

/** A format, named as its files end. */
export type FileFormat = "bin" | "npy" | "pcd" | "ply" | "las" | "laz";

/** What the first bytes of a file are in formats that have a header: each as characters from 0 to 255. */
const BEGINNINGS: readonly (readonly [FileFormat, RegExp])[] = [
  ["npy", /^\x93NUMPY/],
  ["pcd", /^(?:\s*#[^\n]*\n)*(?:\s*#\s*\.PCD|\s*VERSION\s+\.?[\d.]+\s|\s*FIELDS\s)/],
  ["ply", /^ply\r?\n/],
  ["las", /^LASF/],
];

/**
 * The format that a file's name says, if its first bytes do not say another.
 * @throws Error with both, if they differ
 */
export function formatOf(bytes: Uint8Array, name: string): FileFormat {
  const ending = /\.([^./\\]*)$/.exec(name)?.[1].toLowerCase();
  const format = pointCloudExtensions.find((each) => each === ending);
  if (format === undefined) {
    throw new Error(
      `readPointCloud: ${name}: expected a name that ends with .${pointCloudExtensions.join(", .")}, got ` +
        (ending === undefined ? "none" : quoted(`.${ending}`)),
    );
  }
  const start = String.fromCharCode(...bytes.subarray(0, 256));
  const begun = BEGINNINGS.find(([, pattern]) => pattern.test(start))?.[0];
  if (begun === undefined || begun === format || (begun === "las" && format === "laz")) return format;
  throw new Error(
    `readPointCloud: ${name}: byte 0: expected a file of the format ${format}, as its name says, got the beginning of a file ` +
      `of the format ${begun}: give it the ending .${begun}`,
  );
}
