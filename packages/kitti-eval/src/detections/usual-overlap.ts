/** Metres; KITTI's cars are longer, its pedestrians and cyclists shorter. */
const VEHICLE_LENGTH = 3;

/**
 * The overlap that a match of a class usually needs: 0.7 if its objects are vehicles longer than 3 m, else 0.5. On
 * KITTI these are the official limits (car; pedestrian and cyclist).
 * @param lengths of objects of one class, metres; their median decides, and a class without objects gets 0.5
 */
export function usualOverlap(lengths: ArrayLike<number>): number {
  const sorted = Float64Array.from(lengths).sort();
  return sorted[sorted.length >> 1] > VEHICLE_LENGTH ? 0.7 : 0.5;
}
