import { calibration, image, imageSize, scan } from "virtual:example-scan";
import { type OpenedScan, pictureOf } from "./scan-files.js";

/** A simulated street that comes with the page. */
export async function exampleScan(): Promise<OpenedScan> {
  const response = await fetch(scan);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return {
    scan: { name: "a simulated street", bytes, calibration, imageSize },
    picture: pictureOf({ url: image, ...imageSize }, calibration),
  };
}
