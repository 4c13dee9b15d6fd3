import type { DetectorConfig } from "./config/detector-config.js";
import { encoderLayers } from "./network/detector-layers.js";

/** Every anchor of a detector, in the order of the head's channels: ((y·width + x)·classes + class)·rotations + rotation. */
export interface AnchorGrid {
  /** [n, 7] x, y, z of the centre, dx, dy, dz (metres, LiDAR frame), yaw */
  readonly boxes: Float64Array;
  /** [n] label index of each anchor's class */
  readonly labels: Int32Array;
  /** Cells of the head's map along x. */
  readonly width: number;
  /** Cells along y. */
  readonly height: number;
  readonly anchorsPerCell: number;
}

/** The part of a configuration that places anchors. */
export type AnchorLayout = Pick<
  DetectorConfig,
  "anchors" | "backbone" | "classes" | "encoder" | "neck" | "pointRange" | "voxelSize"
>;

/**
 * Cells of the head's bird's-eye-view map: the map of the encoder, divided by the stride of the first backbone block
 * (upwards) and multiplied by that of its neck layer.
 */
export function headMapSize(config: AnchorLayout): { readonly width: number; readonly height: number } {
  const [, y, x] = encoderLayers(config).outputShape;
  const cells = (n: number) => Math.ceil(n / config.backbone.strides[0]) * config.neck.strides[0];
  return { width: cells(x), height: cells(y) };
}

/**
 * Places the anchors. Along each axis of n cells: with `alignCenter` at min + (j + ½)(max − min)/n, else at
 * min + j(max − min)/(n − 1), so that the first and last lie on the border of the range (as in `Anchor3DRangeGenerator` of
 * MMDetection3D and in OpenPCDet). Each stands on its class's `anchorBottom`.
 */
export function buildAnchors(config: AnchorLayout): AnchorGrid {
  const { width, height } = headMapSize(config);
  const { rotations, alignCenter } = config.anchors;
  const [x0, y0, , x1, y1] = config.pointRange;
  const xs = axisCentres(x0, x1, { cells: width, alignCenter });
  const ys = axisCentres(y0, y1, { cells: height, alignCenter });
  const anchorsPerCell = config.classes.length * rotations.length;
  const boxes = new Float64Array(height * width * anchorsPerCell * 7);
  const labels = new Int32Array(height * width * anchorsPerCell);
  let anchor = 0;
  for (const y of ys) {
    for (const x of xs) {
      for (let label = 0; label < config.classes.length; label++) {
        const { anchorSize, anchorBottom } = config.classes[label];
        for (const yaw of rotations) {
          boxes.set([x, y, anchorBottom + anchorSize[2] / 2, ...anchorSize, yaw], anchor * 7);
          labels[anchor++] = label;
        }
      }
    }
  }
  return { boxes, labels, width, height, anchorsPerCell };
}

function axisCentres(
  min: number,
  max: number,
  { cells, alignCenter }: { readonly cells: number; readonly alignCenter: boolean },
): Float64Array {
  if (alignCenter) return Float64Array.from({ length: cells }, (_, j) => min + ((j + 0.5) * (max - min)) / cells);
  return Float64Array.from({ length: cells }, (_, j) => (cells === 1 ? min : min + (j * (max - min)) / (cells - 1)));
}
