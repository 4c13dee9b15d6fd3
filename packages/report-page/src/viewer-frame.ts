/** A scan with boxes, for the 3D view. LiDAR frame: x forward, y left, z up, metres. */
export interface ViewerFrame {
  readonly id: string;
  /** [n, 4] x, y, z, intensity 0..1 */
  readonly points: Float32Array;
  /** labelled objects; absent where there are no labels */
  readonly truth?: readonly ViewerBox[];
  /** objects found: one list for each source that {@link ViewerFrames} or a report names */
  readonly detections: readonly (readonly ViewerBox[])[];
}

export interface ViewerBox {
  readonly type: string;
  /** [7] x, y, z of the centre, length, width, height, yaw about z, counter-clockwise from x */
  readonly box: ArrayLike<number>;
  /** of a detection, 0..1 */
  readonly score?: number;
}

/** What a page with nothing but the 3D view shows. */
export interface ViewerFrames {
  readonly title: string;
  /** a sentence on what is seen */
  readonly description: string;
  /** names of what made the detections; may be empty */
  readonly sources: readonly string[];
  /** one or more */
  readonly frames: readonly ViewerFrame[];
}

/** A {@link ViewerFrame} as it stands in a page. */
export interface PackedFrame {
  readonly id: string;
  readonly points: PackedPoints;
  readonly truth: readonly PackedBox[] | null;
  readonly detections: readonly (readonly PackedBox[])[];
}

/** Seven bytes a point, in base64. */
export interface PackedPoints {
  readonly count: number;
  /** [count, 3] int16, little endian, centimetres */
  readonly positions: string;
  /** [count] uint8: intensity · 255 */
  readonly intensities: string;
}

export interface PackedBox {
  readonly type: string;
  /** [7] rounded to millimetres and milliradians */
  readonly box: readonly number[];
  readonly score: number | null;
}
