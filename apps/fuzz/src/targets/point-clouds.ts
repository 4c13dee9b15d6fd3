import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { doubtsOf, guessColumns, readPointCloud } from "point-cloud-io";
import type { Target } from "../target.js";

const POINTS = Float32Array.of(1, 2, 3, 0.5, -4, 5, 6, 0.25);

function joined(...parts: readonly (string | ArrayBufferView)[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) =>
      typeof part === "string"
        ? Buffer.from(part, "latin1")
        : Buffer.from(part.buffer, part.byteOffset, part.byteLength),
    ),
  );
}

const npyHeader = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4), }\n";
const npy = joined("\x93NUMPY\x01\x00", Uint16Array.of(npyHeader.length), npyHeader, POINTS);

const pcd = (data: string) =>
  "VERSION 0.7\nFIELDS x y z intensity _ _\nSIZE 4 4 4 4 1 1\nTYPE F F F F U U\nCOUNT 1 1 1 1 0 0\nWIDTH 2\nHEIGHT 1\n" +
  `VIEWPOINT 0 0 0 1 0 0 0\nPOINTS 2\nDATA ${data}\n`;
/** LZF: 32 bytes as they are. */
const packed = joined(pcd("binary_compressed"), Uint32Array.of(33, 32), Uint8Array.of(31), POINTS);

const ply = (format: string) =>
  `ply\nformat ${format} 1.0\nelement vertex 2\nproperty float x\nproperty float y\nproperty float z\nproperty float i\n` +
  "element face 1\nproperty list uchar int vertex_indices\nend_header\n";

function las(): Uint8Array {
  const bytes = new Uint8Array(227 + 40);
  bytes.set(Buffer.from("LASF"));
  bytes.set([1, 2], 24);
  const view = new DataView(bytes.buffer);
  view.setUint32(96, 227, true);
  view.setUint16(105, 20, true);
  view.setUint32(107, 2, true);
  for (const axis of [0, 1, 2]) view.setFloat64(131 + 8 * axis, 0.01, true);
  for (const place of [227, 247]) view.setInt32(place, 1234, true);
  return bytes;
}

const SEEDS: Readonly<Record<string, () => readonly (string | Uint8Array)[]>> = {
  bin: () => [joined(POINTS)],
  npy: () => [npy],
  pcd: () => [`${pcd("ascii")}1 2 3 0.5\n4 5 6 nan\n`, joined(pcd("binary"), POINTS), packed],
  ply: () => [`${ply("ascii")}1 2 3 4\n5 6 7 8\n3 0 1 0\n`, joined(ply("binary_little_endian"), POINTS)],
  las: () => [las()],
};

/** Scans in the formats of `point-cloud-io`. */
export const pointClouds: readonly Target[] = Object.entries(SEEDS).map(([ending, seeds]) => ({
  name: `cloud-${ending}`,
  file: `cloud.${ending}`,
  seeds,
  async read(path) {
    const bytes = readFileSync(path);
    guessColumns(bytes, basename(path));
    const cloud = await readPointCloud(bytes, { name: path });
    return [cloud, doubtsOf(cloud)];
  },
}));
