/** Bytes that a compressed part may grow to: 10 million points of 100 bytes. */
export const MOST_UNPACKED_BYTES = 2 ** 30;

/** Numbers of a cloud, rows times columns: 32 million points of four. They take 512 MiB. */
export const MOST_NUMBERS = 2 ** 27;

/** Columns of a file. Real ones have some twenty at most. */
export const MOST_COLUMNS = 256;

/** Bytes of a text header, PCD's or PLY's. */
export const MOST_HEADER_BYTES = 2 ** 16;

/** Bytes of NumPy's header: records of 256 named numbers take half of it. Its pattern looks at some parts of it again and again. */
export const MOST_NPY_HEADER_BYTES = 2 ** 14;

/** How much of a coordinate may get lost in float32, in metres. */
export const MOST_LOST = 0.01;
