import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { readPointCloud } from "../src/index.js";
import { LAYOUTS, lazFixture, type Scan, sweep } from "./las-records.js";

/** The files beside this, and of which scan and seed each is. */
const files: [string, Scan, number][] = [
  ...[0, 1, 2, 3, 6, 7, 8].map((format): [string, Scan, number] => {
    return [`sweep-${format}`, { format, rows: 80, extra: format === 1 || format === 7 ? 2 : 0 }, format];
  }),
  ["channels-8", { format: 8, rows: 80, extra: 1, channels: 3 }, 9],
];

const viewOf = (file: Uint8Array): DataView => new DataView(file.buffer, file.byteOffset, file.byteLength);
const startOf = (file: Uint8Array): number => viewOf(file).getUint32(96, true);
const tableOf = (file: Uint8Array): number => Number(viewOf(file).getBigInt64(startOf(file), true));

/** The same points as LAS has them. */
function plain(file: Uint8Array, records: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from([...file.subarray(0, startOf(file)), ...records]);
  bytes[104] &= 0x3f;
  return bytes;
}

const recordsOf = (name: string): Uint8Array => {
  const [, scan, seed] = files.find(([each]) => each === name)!;
  return sweep(scan, seededRandom(seed));
};

function changed(name: string, change: (view: DataView, file: Uint8Array) => void): Uint8Array {
  const file = lazFixture(name);
  change(viewOf(file), file);
  return file;
}

/** Its only record, LASzip's, begins behind the header. */
const recordOf = (view: DataView): number => view.getUint16(94, true) + 54;
const withVersion = (name: string, version: number): Uint8Array =>
  changed(name, (view) => {
    const at = recordOf(view);
    const items = view.getUint16(at + 32, true);
    for (let item = 0; item < items; item++) view.setUint16(at + 38 + 6 * item, version, true);
  });

/** The last chunk without its last bytes. */
function cutChunk(name: string): Uint8Array {
  const file = lazFixture(name);
  const table = tableOf(file);
  const cut = Uint8Array.from([...file.subarray(0, table - 40), ...file.subarray(table)]);
  viewOf(cut).setBigInt64(startOf(file), BigInt(table - 40), true);
  return cut;
}

const read = (file: Uint8Array) => readPointCloud(file, { name: "a.laz" });

it.each(files)("%s holds the points that LAS has plain", async (name, scan) => {
  const cloud = await read(lazFixture(name));
  expect(cloud.points.length).toBe(scan.rows * cloud.columns.length);
  expect(cloud.columns.includes("nir")).toBe(LAYOUTS[scan.format].infrared !== undefined);
  const records = recordsOf(name);
  expect(cloud).toEqual(await readPointCloud(plain(lazFixture(name), records), { name: "a.las" }));
});

describe("files that differ in form", () => {
  it.each<[string, string, Uint8Array]>([
    ["version 4 of the items, one channel", "sweep-8", withVersion("sweep-8", 4)],
    [
      "the place of the chunks' table behind it",
      "sweep-1",
      (() => {
        const file = Uint8Array.from([...lazFixture("sweep-1"), ...new Uint8Array(8)]);
        viewOf(file).setBigInt64(file.length - 8, BigInt(tableOf(file)), true);
        viewOf(file).setBigInt64(startOf(file), -1n, true);
        return file;
      })(),
    ],
  ])("%s", async (_, name, file) => {
    expect(await read(file)).toEqual(await read(lazFixture(name)));
  });

  it("no point", async () => {
    const cloud = await read(
      changed("sweep-0", (view, file) => {
        view.setUint32(107, 0, true);
        view.setUint32(tableOf(file) + 4, 0, true);
      }),
    );
    expect(cloud.points.length).toBe(0);
  });

  it("packed points are told by the header, not by the name; a file may be part of a buffer", async () => {
    const file = lazFixture("sweep-1");
    const cloud = await read(file);
    expect(await readPointCloud(file, { name: "a.LAS" })).toEqual(cloud);
    expect(await read(Uint8Array.from([1, 2, 3, ...file]).subarray(3))).toEqual(cloud);
  });

  it("several files at once, and many one after the other", async () => {
    const all = await Promise.all(files.map(([name]) => read(lazFixture(name))));
    for (const [i, [name]] of files.entries()) expect(await read(lazFixture(name))).toEqual(all[i]);
  });
});

it("leaves nothing that listens to Node's process", async () => {
  const events = ["uncaughtException", "unhandledRejection"];
  const before = events.map((event) => process.listeners(event as "uncaughtException"));
  await read(lazFixture("sweep-0"));
  expect(events.map((event) => process.listeners(event as "uncaughtException"))).toEqual(before);
});

describe("faults", () => {
  it.each<[string, Uint8Array, string | RegExp]>([
    [
      "wave packets",
      changed("sweep-1", (view) => view.setUint8(104, 0x84)),
      "byte 105: expected records of at least 57 bytes",
    ],
    [
      "wave packets of their size",
      changed("sweep-1", (view) => {
        view.setUint8(104, 0x84);
        view.setUint16(105, 57, true);
      }),
      "byte 104: expected packed points of the formats 0 to 3 or 6 to 8, got 4: unpack it first",
    ],
    [
      "LASzip 1",
      changed("sweep-1", (view) => view.setUint8(104, 0xc1)),
      "byte 104: expected points that are not packed, or by LASzip 2",
    ],
    [
      "no record of LASzip",
      changed("sweep-0", (view) => view.setUint8(230, 0)),
      'byte 227: expected a record of the user "laszip encoded"',
    ],
    [
      "more records than there is room for",
      changed("sweep-0", (view) => view.setUint32(100, 4e9, true)),
      "byte 100: expected at most 1 records before the points, got 4000000000",
    ],
    [
      "more items than there is room for",
      changed("sweep-0", (view) => view.setUint16(recordOf(view) + 32, 9, true)),
      "byte 281: expected a record of LASzip with its items, got 40 bytes",
    ],
    [
      "another compressor",
      changed("sweep-0", (view) => view.setUint16(281, 1, true)),
      "expected compressor 2 and coder 0 for point format 0, got 1 and 0",
    ],
    [
      "other items",
      changed("sweep-0", (view) => view.setUint16(315, 10, true)),
      "byte 315: expected items 6 (20) of version 2, got 10 (20) of version 2",
    ],
    ["a version to come", withVersion("sweep-0", 3), "of version 2, got 6 (20) of version 3"],
    [
      "version 4 with several channels",
      withVersion("channels-8", 4),
      "expected one channel of a scanner in items of version 4, got several: write the file again",
    ],
    [
      "more points than bytes hold",
      changed("sweep-1", (view) => view.setUint32(107, 4e9, true)),
      /byte 107: expected at most \d+ points in \d+ bytes, got 4000000000/,
    ],
    [
      "more points than chunks",
      changed("sweep-1", (view) => view.setUint32(107, 161, true)),
      "expected 4 chunks for 161 points, got 2",
    ],
    [
      "no end of the header's place",
      changed("sweep-1", (view) => view.setUint32(96, 2 ** 32 - 1, true)),
      "expected the place of the chunks' table, got the end of the file",
    ],
    [
      "a table before the points",
      changed("sweep-0", (view, file) => view.setBigInt64(startOf(file), 5n, true)),
      /byte 321: expected the place of the chunks' table, from 329 to \d+, got 5/,
    ],
    [
      "a table beyond the end",
      changed("sweep-0", (view, file) => view.setBigInt64(startOf(file), 2n ** 60n, true)),
      "expected the place of the chunks' table",
    ],
    [
      "another table",
      changed("sweep-0", (view, file) => view.setUint32(tableOf(file), 1, true)),
      "expected version 0 of the chunks' table, got 1",
    ],
    [
      "too many chunks",
      changed("sweep-0", (view, file) => view.setUint32(tableOf(file) + 4, 4e9, true)),
      "expected 2 chunks for 80 points, got 4000000000",
    ],
    [
      "too many chunks of any size",
      changed("sweep-3", (view, file) => view.setUint32(tableOf(file) + 4, 4e9, true)),
      /at most \d+ chunks for 80 points/,
    ],
    [
      "another number of points in layers",
      changed("sweep-6", (view, file) => view.setUint32(startOf(file) + 8 + 30, 49, true)),
      "expected a chunk of 50 points, got 49",
    ],
    [
      "a layer beyond the chunks",
      changed("sweep-6", (view, file) => view.setUint32(startOf(file) + 8 + 38, 1e9, true)),
      /expected a layer of at most \d+ bytes, got 1000000000/,
    ],
    [
      "fewer points in layers than the header has",
      changed("sweep-8", (view) => view.setBigUint64(247, 81n, true)),
      /expected a chunk for the last 1 points, got \d+ bytes/,
    ],
  ])("%s", async (_, file, message) => {
    await expect(read(file)).rejects.toThrow(message);
    await expect(read(file)).rejects.toThrow(/^readPointCloud: a\.laz: byte \d+: expected/);
  });

  it("a file that was cut anywhere is refused", async () => {
    for (const name of ["sweep-1", "sweep-3", "sweep-8"]) {
      const file = lazFixture(name);
      const accepted = [];
      for (let length = 0; length < file.length; length++) {
        try {
          await read(file.subarray(0, length));
          accepted.push(length);
        } catch (error) {
          expect((error as Error).message).toMatch(/^readPointCloud: a\.laz: byte \d+: expected .*, got/);
        }
      }
      expect(accepted, name).toEqual([]);
    }
  });

  it("a chunk without its last bytes is refused, and the next good file read", async () => {
    await expect(read(cutChunk("sweep-0"))).rejects.toThrow(
      /byte \d+: expected packed points to the last, number 79, got a fault at point \d+: write the file again, or unpack it/,
    );
    await expect(read(cutChunk("sweep-6"))).rejects.toThrow(/expected a layer of at most \d+ bytes, got \d+/);
    await expect(read(lazFixture("sweep-0"))).resolves.toBeDefined();
  });

  it("points that would take too much memory are refused before any is taken", async () => {
    const large = new Uint8Array(2 ** 21);
    large.set(lazFixture("sweep-1"));
    viewOf(large).setUint32(107, 2 ** 31, true);
    await expect(read(large)).rejects.toThrow(`expected at most ${Math.floor(2 ** 30 / 30)} points in`);
  });
});
