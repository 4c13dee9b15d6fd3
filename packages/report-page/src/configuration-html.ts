import type { ConfigurationData, ConfigurationPageData } from "./configuration-data.js";
import { htmlPage } from "./html-page.js";
import { packFrame } from "./pack-frame.js";

/**
 * What was chosen for a data set as one HTML file that needs no network: scans with boxes and range from above, anchors among the
 * boxes that they are made for, the choices with their reasons.
 * @throws RangeError for a range that is none, or naming what has other sizes or numbers than it should
 */
export function configurationHtml(configuration: ConfigurationData): string {
  const { title, pointRange: range, classes, frames } = configuration;
  const isRange = range.length === 6 && [0, 1, 2].every((axis) => range[axis + 3] > range[axis]);
  if (!isRange) throw new RangeError(`configurationHtml: expected 6 growing numbers for pointRange, got [${range}]`);
  if (frames.length === 0) throw new RangeError("configurationHtml: expected one frame or more for frames, got none");
  for (const { name, boxes } of classes) {
    const odd = boxes.find((box) => box.length !== 7 || !box.every(Number.isFinite));
    if (odd) throw new RangeError(`configurationHtml: expected boxes of 7 finite numbers for ${name}, got [${odd}]`);
  }
  const data: ConfigurationPageData = { ...configuration, frames: frames.map((frame) => packFrame(frame, 0)) };
  return htmlPage({ title, script: "configuration-page", data });
}
