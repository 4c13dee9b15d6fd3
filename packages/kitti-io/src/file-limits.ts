/**
 * Bytes of each kind of file at most, far beyond any real one: a longer file is refused by its size, before it takes the
 * memory. A scan of so many bytes has 16.8 million points, labels some 80 000 lines.
 */
export const MAX_FILE_BYTES = {
  scan: 2 ** 28,
  image: 2 ** 28,
  calibration: 2 ** 20,
  labels: 2 ** 23,
  imageSet: 2 ** 24,
} as const;

/** Objects of a frame at most: detections are compared with labels pair by pair. */
export const MAX_OBJECTS = 10_000;

/** Names of an image set at most. */
export const MAX_FRAMES = 1_000_000;

/** Largest size of a number in a calibration, and in labels but for the score: metres, pixels, radians. */
export const MAX_NUMBER = 1e9;
