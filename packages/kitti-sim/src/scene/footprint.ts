/** A rectangle seen from above: what a thing stands on. */
export interface Footprint {
  readonly x: number;
  readonly y: number;
  /** radians, of its length against +x */
  readonly yaw: number;
  readonly length: number;
  readonly width: number;
}

/** Whether two rectangles come nearer to each other than `margin` along every axis of both (separating axes). */
export function footprintsOverlap(a: Footprint, b: Footprint, margin = 0): boolean {
  return [a.yaw, a.yaw + Math.PI / 2, b.yaw, b.yaw + Math.PI / 2].every((axis) => {
    const apart = Math.abs((b.x - a.x) * Math.cos(axis) + (b.y - a.y) * Math.sin(axis));
    return apart < reach(a, axis) + reach(b, axis) + margin;
  });
}

/** Half of a rectangle's shadow on an axis. */
function reach({ yaw, length, width }: Footprint, axis: number): number {
  return (length * Math.abs(Math.cos(axis - yaw)) + width * Math.abs(Math.sin(axis - yaw))) / 2;
}
