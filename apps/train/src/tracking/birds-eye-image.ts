import { encode } from "fast-png";

/** What a bird's-eye image shows. Metres, LiDAR frame. */
export interface BirdsEyeScene {
  /** [n, 4] */
  readonly points: Float32Array;
  /** [m, 7] boxes of labels, green */
  readonly labelled: Float64Array | Float32Array;
  /** [k, 7] boxes that were found, orange */
  readonly found: Float64Array | Float32Array;
  /** x, y, z of the smallest, then of the largest corner of what is shown */
  readonly range: readonly number[];
}

/** Pixels of the longer side. */
const SIDE = 700;
const GREEN = [80, 220, 100] as const;
const ORANGE = [255, 160, 40] as const;

type Colour = readonly [red: number, green: number, blue: number];

/** A scan and boxes from above, x upwards and y to the left as the driver sees them; a line from a box's centre is its heading. */
export function birdsEyeImage({ points, labelled, found, range }: BirdsEyeScene) {
  const [minX, minY, minZ, maxX, maxY, maxZ] = range;
  const scale = SIDE / Math.max(maxX - minX, maxY - minY);
  const width = Math.max(1, Math.round((maxY - minY) * scale));
  const height = Math.max(1, Math.round((maxX - minX) * scale));
  const data = new Uint8Array(3 * width * height);
  const set = (x: number, y: number, [red, green, blue]: Colour) => {
    const column = Math.floor((maxY - y) * scale);
    const row = Math.floor((maxX - x) * scale);
    if (column < 0 || column >= width || row < 0 || row >= height) return;
    data.set([red, green, blue], 3 * (row * width + column));
  };
  const line = (x0: number, y0: number, x1: number, y1: number, colour: Colour) => {
    const steps = Math.ceil(2 * scale * Math.hypot(x1 - x0, y1 - y0));
    if (!(steps < 1e5)) return; // a box that an untrained network made, beyond all measure
    for (let i = 0; i <= steps; i += 1) {
      const [x, y] = [x0 + ((x1 - x0) * i) / steps, y0 + ((y1 - y0) * i) / steps];
      set(x, y, colour);
      set(x - 1 / scale, y - 1 / scale, colour); // thick enough for a small picture
    }
  };
  for (let i = 0; i < points.length; i += 4) {
    const grey = 90 + Math.max(0, Math.min(150, (150 * (points[i + 2] - minZ)) / (maxZ - minZ)));
    set(points[i], points[i + 1], [grey, grey, grey]);
  }
  for (const [boxes, colour] of [
    [labelled, GREEN],
    [found, ORANGE],
  ] as const) {
    for (let i = 0; i < boxes.length; i += 7) {
      const corners = groundCorners(boxes.subarray(i, i + 7));
      for (const [side, [x, y]] of corners.entries()) line(x, y, ...corners[(side + 1) % 4], colour);
      line(boxes[i], boxes[i + 1], ...middle(corners[0], corners[3]), colour);
    }
  }
  return { width, height, png: encode({ width, height, data, channels: 3, depth: 8 }) };
}

type Place = readonly [x: number, y: number];

/** Corners of a box from above, the front's first and last. */
function groundCorners([x, y, , length, width, , yaw]: Float64Array | Float32Array): Place[] {
  const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
  const signs = [
    [1, 1],
    [-1, 1],
    [-1, -1],
    [1, -1],
  ];
  return signs.map(([a, b]) => [
    x + (a * length * cos) / 2 - (b * width * sin) / 2,
    y + (a * length * sin) / 2 + (b * width * cos) / 2,
  ]);
}

const middle = (a: Place, b: Place): Place => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
