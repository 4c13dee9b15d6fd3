import { packImage } from "./pack-image.js";
import { packPoints } from "./pack-points.js";
import type { PackedBox, PackedFrame, ViewerBox, ViewerFrame } from "./viewer-frame.js";

/**
 * A frame as plain JSON.
 * @param sources how many lists of detections there must be
 * @throws RangeError naming the frame, if a size, a number or the image is wrong
 */
export function packFrame({ id, points, truth, detections, image }: ViewerFrame, sources: number): PackedFrame {
  if (detections.length !== sources) {
    throw new RangeError(
      `packFrame: expected ${sources} lists for detections of frame ${id}, one for each source, got ${detections.length}`,
    );
  }
  try {
    return {
      id,
      points: packPoints(points),
      truth: truth === undefined ? null : truth.map(packBox),
      detections: detections.map((boxes) => boxes.map(packBox)),
      image: image === undefined ? null : packImage(image),
    };
  } catch (cause) {
    throw new RangeError(`frame ${id}: ${(cause as Error).message}`, { cause });
  }
}

function packBox({ type, box, score }: ViewerBox): PackedBox {
  const numbers = Array.from(box);
  if (numbers.length !== 7 || !numbers.every(Number.isFinite)) {
    throw new RangeError(`packFrame: expected 7 finite numbers for box, got [${numbers.join(", ")}]`);
  }
  if (score !== undefined && !(score >= 0 && score <= 1)) {
    throw new RangeError(`packFrame: expected a score from 0 to 1, got ${score}`);
  }
  return { type, box: numbers.map((value) => Math.round(1000 * value) / 1000), score: score ?? null };
}
