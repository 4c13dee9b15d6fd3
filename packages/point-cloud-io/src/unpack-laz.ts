import { type Fault, type PackedPoints, type Packing, packingOf } from "./laz-header.js";

/** What is used of laz-perf. Its own types need those of Emscripten. */
interface LazPerf {
  /** another array whenever memory grows */
  readonly HEAPU8: Uint8Array;
  _malloc(size: number): number;
  _free(at: number): void;
  readonly LASZip: new () => LasZip;
}

interface LasZip {
  open(file: number, size: number): void;
  getPoint(to: number): void;
  getCount(): number;
  getPointLength(): number;
  getPointFormat(): number;
  delete(): void;
}

/** Points that are taken from laz-perf's memory at once. */
const BLOCK = 4096;

const ADVICE = "write the file again, or unpack it with LASzip";

/**
 * The records of a LAZ file, point formats 0 to 3 and 6 to 8, as LAS would have them: [rows · stride] bytes, unpacked by laz-perf. It
 * is loaded for the first such file, and each file has an instance of its own: after a fault its memory is good for nothing.
 * @throws Error by `fault`: for other formats and ways of packing, for what laz-perf cannot unpack, and where it cannot be loaded
 */
export async function unpackLaz(file: Uint8Array, points: PackedPoints, fault: Fault): Promise<Uint8Array> {
  const packing = packingOf(file, points, fault);
  if (points.rows === 0) return new Uint8Array(0);
  const records = unpacked(await instance(fault), file, points, packing, fault);
  checkChannels(records, points, packing, fault);
  return records;
}

function unpacked(
  perf: LazPerf,
  file: Uint8Array,
  { format, rows, stride, start }: PackedPoints,
  { table }: Packing,
  fault: Fault,
): Uint8Array {
  let [row, data, block] = [-1, 0, 0];
  let reader: LasZip | undefined;
  let refused: Error | undefined;
  try {
    data = perf._malloc(file.length);
    block = perf._malloc(BLOCK * stride);
    if (data === 0 || block === 0) {
      refused = fault(0, "a file that fits into laz-perf's memory", `${file.length} bytes: unpack it with LASzip`);
      throw refused;
    }
    perf.HEAPU8.set(file, data);
    // laz-perf looks for the table's place before the points alone
    new DataView(perf.HEAPU8.buffer).setBigInt64(data + start, BigInt(table), true);
    reader = new perf.LASZip();
    reader.open(data, file.length);
    const found = [reader.getCount(), reader.getPointFormat() & 0x3f, reader.getPointLength()];
    if (found.join() !== [rows, format, stride].join()) {
      refused = fault(104, `${rows} points of format ${format} and ${stride} bytes`, `${found.join(", ")}: ${ADVICE}`);
      throw refused;
    }
    const records = new Uint8Array(rows * stride);
    for (row = 0; row < rows; ) {
      const first = row;
      for (const end = Math.min(rows, first + BLOCK); row < end; row++) reader.getPoint(block + (row - first) * stride);
      records.set(perf.HEAPU8.subarray(block, block + (row - first) * stride), first * stride);
    }
    return records;
  } catch {
    if (refused !== undefined) throw refused;
    // C++ exceptions come as an address or a text about it, traps as errors of WebAssembly: neither says what is wrong
    const what = row < 0 ? "that laz-perf can open" : `to the last, number ${rows - 1}`;
    throw fault(start, `packed points ${what}`, `${row < 0 ? "a fault" : `a fault at point ${row}`}: ${ADVICE}`);
  } finally {
    release(perf, reader, [data, block]);
  }
}

/** Gives memory back. After a fault that may fail, too: the instance goes anyway. */
function release(perf: LazPerf, reader: LasZip | undefined, places: readonly number[]): void {
  try {
    reader?.delete();
    for (const place of places) perf._free(place);
  } catch {}
}

/** Version 4 has another memory than 3 of the colours and bytes of each channel of a scanner. laz-perf takes it for 3. */
function checkChannels(
  records: Uint8Array,
  { format, stride, start }: PackedPoints,
  { version, extra }: Packing,
  fault: Fault,
): void {
  if (version !== 4 || (format === 6 && extra === 0)) return;
  const channelAt = (at: number): number => (records[at + 15] >> 4) & 3;
  for (let at = stride; at < records.length; at += stride) {
    if (channelAt(at) === channelAt(0)) continue;
    throw fault(start, "one channel of a scanner in items of version 4", `several: ${ADVICE}`);
  }
}

async function instance(fault: Fault): Promise<LazPerf> {
  try {
    const { createLazPerf } = await import("laz-perf");
    return await withoutListeners(() => createLazPerf({ print: () => {}, printErr: () => {} }) as Promise<LazPerf>);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw Object.assign(fault(104, "laz-perf, which unpacks the points", why), { cause });
  }
}

const EVENTS = ["uncaughtException", "unhandledRejection"] as const;

/** Each instance of laz-perf would listen to Node's process for good and turn every unhandled rejection into an exception. */
function withoutListeners<T>(start: () => T): T {
  if (typeof process === "undefined" || typeof process.listeners !== "function") return start();
  const before = EVENTS.map((event) => process.listeners(event as "uncaughtException"));
  try {
    return start();
  } finally {
    EVENTS.forEach((event, i) => {
      for (const each of process.listeners(event as "uncaughtException")) {
        if (!before[i].includes(each)) process.off(event, each);
      }
    });
  }
}
