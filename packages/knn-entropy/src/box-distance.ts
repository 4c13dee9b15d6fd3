/**
 * Distance (squared if Euclidean) from a point to a box, 0 inside. Summed over the coordinates in the order of
 * {@link pointDistance}: by the monotony of rounding it never exceeds the distance to a point inside the box.
 */
export function boxDistance(
  points: Float64Array,
  point: number,
  boxes: Float64Array,
  box: number,
  dims: number,
  largest: boolean,
): number {
  let distance = 0;
  for (let d = 0; d < dims; d++) {
    const value = points[point + d];
    const below = boxes[box + d] - value;
    const above = value - boxes[box + dims + d];
    const gap = Math.max(below, above, 0);
    if (!largest) distance += gap * gap;
    else if (gap > distance) distance = gap;
  }
  return distance;
}

/** Distance (squared if Euclidean) between the points that start at `a` and `b`. */
export function pointDistance(points: Float64Array, a: number, b: number, dims: number, largest: boolean): number {
  let distance = 0;
  for (let d = 0; d < dims; d++) {
    const difference = points[a + d] - points[b + d];
    if (!largest) distance += difference * difference;
    else if (Math.abs(difference) > distance) distance = Math.abs(difference);
  }
  return distance;
}
