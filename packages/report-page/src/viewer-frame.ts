/** A scan with boxes, for the 3D view. LiDAR frame: x forward, y left, z up, metres. */
export interface ViewerFrame {
  readonly id: string;
  /** [n, 4] x, y, z, intensity 0..1 */
  readonly points: Float32Array;
  /** labelled objects; absent where there are no labels */
  readonly truth?: readonly ViewerBox[];
  /** objects found: one list for each source that {@link ViewerFrames} or a report names */
  readonly detections: readonly (readonly ViewerBox[])[];
  /** what a camera saw at the same time; absent where there is none */
  readonly image?: ViewerImage;
}

export interface ViewerBox {
  readonly type: string;
  /** [7] x, y, z of the centre, length, width, height, yaw about z, counter-clockwise from x */
  readonly box: ArrayLike<number>;
  /** of a detection, 0..1 */
  readonly score?: number;
}

/** The picture of a camera, and how the scan falls into it. */
export interface ViewerImage {
  /** the file as it is: PNG or JPEG */
  readonly file: Uint8Array;
  /** pixels */
  readonly width: number;
  readonly height: number;
  /** [3, 4] row-major: x, y, z, 1 of the LiDAR frame → w·column, w·row, w; w: depth in metres, positive before the camera */
  readonly projection: ArrayLike<number>;
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
  readonly image: PackedImage | null;
}

/** Seven bytes a point, in base64. */
export interface PackedPoints {
  readonly count: number;
  /** metres of one unit of the positions: a centimetre, more in scans that reach beyond 327 m */
  readonly step: number;
  /** [count, 3] int16, little endian */
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

export interface PackedImage {
  /** `data:` in pages of this package, `blob:` in those that are given files */
  readonly url: string;
  readonly width: number;
  readonly height: number;
  /** as in {@link ViewerImage}; null where no calibration says where the boxes are */
  readonly projection: readonly number[] | null;
}
