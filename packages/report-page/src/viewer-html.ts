import { htmlPage } from "./html-page.js";
import { packFrame } from "./pack-frame.js";
import type { ViewerPageData } from "./page-data.js";
import type { ViewerFrames } from "./viewer-frame.js";

/**
 * A page with a 3D view of scans and boxes, as one HTML file without any request.
 * @throws RangeError for no frames, or naming the frame whose sizes or numbers are wrong
 */
export function viewerHtml({ title, description, sources, frames }: ViewerFrames): string {
  if (frames.length === 0) throw new RangeError("viewerHtml: expected one frame or more for frames, got none");
  const data: ViewerPageData = {
    title,
    description,
    sources,
    frames: frames.map((frame) => packFrame(frame, sources.length)),
  };
  return htmlPage({ title, script: "viewer", data });
}
