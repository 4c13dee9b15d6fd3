import { boxEdges, EDGE_COUNT } from "../scene/box-edges.js";

/** A box as an image shows it. */
export interface ProjectedBox {
  /** [n, 4] columns and rows of both ends of each edge that lies before the camera, pixels; may reach beyond the image */
  readonly lines: readonly number[];
  /** [4] columns and rows from, to; inside the image */
  readonly bounds: readonly number[];
  /** of the centre, metres */
  readonly depth: number;
}

/** Nearest depth that is drawn, metres: edges are cut off there. */
const NEAR = 0.1;

/**
 * The edges of a box in an image.
 * @param box        [7] as in `ViewerBox`
 * @param projection [3, 4] as in `ViewerImage`
 * @returns undefined if nothing of the box is in the image
 */
export function projectBox(
  box: readonly number[],
  projection: readonly number[],
  { width, height }: { readonly width: number; readonly height: number },
): ProjectedBox | undefined {
  const row = (at: number, [x, y, z]: readonly number[]) =>
    projection[at] * x + projection[at + 1] * y + projection[at + 2] * z + projection[at + 3];
  const edges = boxEdges(box);
  const lines: number[] = [];
  for (let i = 0; i < EDGE_COUNT; i += 1) {
    const ends = [edges.slice(6 * i, 6 * i + 3), edges.slice(6 * i + 3, 6 * i + 6)].map((end) =>
      [0, 4, 8].map((at) => row(at, end)),
    );
    const depths = ends.map(([, , w]) => w);
    if (Math.max(...depths) < NEAR) continue;
    for (const [end, depth] of depths.entries()) {
      const other = 1 - end;
      // A share of the way to the other end, where the edge passes the nearest depth.
      const share = depth >= NEAR ? 0 : (NEAR - depth) / (depths[other] - depth);
      const [u, v, w] = ends[end].map((value, k) => value + share * (ends[other][k] - value));
      lines.push(u / w, v / w);
    }
  }
  const columns = lines.filter((_, i) => i % 2 === 0);
  const rows = lines.filter((_, i) => i % 2 === 1);
  const [left, right] = [Math.max(0, Math.min(...columns)), Math.min(width, Math.max(...columns))];
  const [top, bottom] = [Math.max(0, Math.min(...rows)), Math.min(height, Math.max(...rows))];
  if (!(left < right && top < bottom)) return undefined;
  return { lines, bounds: [left, top, right, bottom], depth: row(8, box) };
}
