/** Bytes of text and numbers, one after the other. */
export function joined(...parts: readonly (string | ArrayBufferView | ArrayBuffer)[]): Uint8Array {
  const all = parts.map((part) =>
    typeof part === "string"
      ? Uint8Array.from(part, (each) => each.charCodeAt(0))
      : ArrayBuffer.isView(part)
        ? new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
        : new Uint8Array(part),
  );
  const out = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of all) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A header of NumPy's, version 1 to 3. */
export function npy(dict: string, body: ArrayBufferView | ArrayBuffer, version = 1): Uint8Array {
  const length = version === 1 ? Uint16Array.of(dict.length) : Uint32Array.of(dict.length);
  return joined("\x93NUMPY", Uint8Array.of(version, 0), length, dict, body);
}

/** A header of PCD's for one row of `points`. */
export function pcdHeader(lines: string, points: number, data: string): string {
  return `# .PCD v0.7\nVERSION 0.7\n${lines}\nWIDTH ${points}\nHEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\nPOINTS ${points}\nDATA ${data}\n`;
}

/** An unpacked LAS 1.2 file of point format 0: rows of x, y, z (before scale and offset) and intensity. */
export function las(rows: readonly (readonly number[])[], scale = 0.01, offset = 0): Uint8Array {
  const bytes = new Uint8Array(227 + 20 * rows.length);
  bytes.set(joined("LASF"));
  const view = new DataView(bytes.buffer);
  bytes.set([1, 2], 24);
  view.setUint32(96, 227, true);
  view.setUint16(105, 20, true);
  view.setUint32(107, rows.length, true);
  for (let axis = 0; axis < 3; axis++) {
    view.setFloat64(131 + 8 * axis, scale, true);
    view.setFloat64(155 + 8 * axis, offset, true);
  }
  rows.forEach(([x, y, z, intensity], i) => {
    [x, y, z].forEach((value, axis) => {
      view.setInt32(227 + 20 * i + 4 * axis, value, true);
    });
    view.setUint16(227 + 20 * i + 12, intensity, true);
  });
  return bytes;
}
