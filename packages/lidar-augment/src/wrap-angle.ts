const TURN = 2 * Math.PI;

/** The same direction in [-π, π). */
export function wrapAngle(angle: number): number {
  const wrapped = angle - TURN * Math.floor((angle + Math.PI) / TURN);
  return wrapped >= Math.PI ? wrapped - TURN : wrapped;
}
