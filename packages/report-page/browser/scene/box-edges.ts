/**
 * Corners 0..3 at the bottom, 4..7 above them; 0 and 1 in front.
 *
 *      5 ------ 4
 *     /|       /|      heading: from the middle of the
 *    6 ------ 7 |      bottom to beyond the front edge 0-1
 *    | 1 -----|-0
 *    |/       |/
 *    2 ------ 3
 */
const EDGES = [0, 1, 1, 2, 2, 3, 3, 0, 4, 5, 5, 6, 6, 7, 7, 4, 0, 4, 1, 5, 2, 6, 3, 7];
const SIDES = [
  [0.5, -0.5],
  [0.5, 0.5],
  [-0.5, 0.5],
  [-0.5, -0.5],
] as const;

/** Twelve edges, and one for the heading. */
export const EDGE_COUNT = 13;

/**
 * The edges of a box and a line from its middle forward.
 * @param box [7] as in `ViewerBox`
 * @returns [13, 2, 3] x, y, z of both ends
 */
export function boxEdges([x, y, z, length, width, height, yaw]: readonly number[]): number[] {
  const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
  const at = (forward: number, left: number, up: number) => [
    x + cos * forward - sin * left,
    y + sin * forward + cos * left,
    z + up,
  ];
  const corners = [-0.5, 0.5].flatMap((level) =>
    SIDES.map(([forward, left]) => at(forward * length, left * width, level * height)),
  );
  const heading = [at(0, 0, -height / 2), at(0.5 * length + 0.7, 0, -height / 2)];
  return [...EDGES.flatMap((corner) => corners[corner]), ...heading.flat()];
}
