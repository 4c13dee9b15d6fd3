import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { decode } from "fast-png";
import { describeUnless, temporaryFolder } from "test-support";
import { describe, expect, it } from "vitest";
import { birdsEyeImage } from "../src/tracking/birds-eye-image.js";
import { crc32c } from "../src/tracking/crc32c.js";
import { openEventFile } from "../src/tracking/event-file.js";

const temporary = temporaryFolder("event-file");

describe("crc32c", () => {
  it("gives the checksums of RFC 3720, B.4", () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe(0x113fdb5c);
    expect(crc32c(new Uint8Array(0))).toBe(0);
  });
});

describe("birdsEyeImage", () => {
  const range = [0, -20, -3, 70, 20, 1];
  const none = new Float64Array(0);
  const pixel = (png: Uint8Array, x: number, y: number) => {
    const { data, width } = decode(png);
    const place = 3 * (Math.floor((70 - x) * 10) * width + Math.floor((20 - y) * 10));
    return [...data.subarray(place, place + 3)];
  };

  it("has forward upwards and left to the left", () => {
    const points = Float32Array.of(10.05, 5.05, -1, 0);
    const { png, width, height } = birdsEyeImage({ points, labelled: none, found: none, range });
    expect([width, height]).toEqual([400, 700]);
    expect(pixel(png, 10.05, 5.05)).toEqual([165, 165, 165]); // half way up in z: 90 + 150 / 2
    expect(pixel(png, 10.05, -5.05)).toEqual([0, 0, 0]);
  });

  it("draws the sides of turned boxes and their headings", () => {
    const box = (yaw: number) => Float64Array.of(30.05, 0.05, 0, 4, 2, 1.5, yaw);
    const points = new Float32Array(0);
    const { png } = birdsEyeImage({ points, labelled: box(0), found: box(Math.PI / 2), range });
    expect(pixel(png, 32.05, 0.55)).toEqual([80, 220, 100]); // the front of the label
    expect(pixel(png, 30.55, 2.05)).toEqual([255, 160, 40]); // the front of what was found, which looks to the left
    expect(pixel(png, 30.05, 1.55)).toEqual([255, 160, 40]); // its heading
    expect(pixel(png, 28.55, 0.05)).toEqual([0, 0, 0]); // behind the label's centre
  });

  it("leaves out what lies beyond the range, and boxes beyond all measure", () => {
    const points = Float32Array.of(-1, 0, 0, 0, 10, 30, 0, 0);
    const found = Float64Array.of(10, 0, 0, Number.POSITIVE_INFINITY, 1, 1, 0, 10, 0, 0, 1e9, 1e9, 1, 0);
    expect(decode(birdsEyeImage({ points, labelled: none, found, range }).png).data.every((v) => v === 0)).toBe(true);
  });
});

describe("openEventFile", () => {
  it("takes the histogram of an epoch of any number of steps", () => {
    const path = join(temporary, "long.tfevents");
    const values = Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 300_000);
    openEventFile(path, () => 0).add(1, [{ kind: "histogram", tag: "entropies", values }]);
    const bytes = readFileSync(path);
    const extremes = Buffer.alloc(18); // fields 1 and 2, float64: the least and the greatest
    extremes[0] = 9;
    extremes[9] = 17;
    extremes.writeDoubleLE(299_999, 10);
    expect(bytes.includes(extremes)).toBe(true);
  });
});

/** Reads an event file by TensorBoard's own reader, and prints what it finds as JSON. */
const READER = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1], size_guidance={kind: 0 for kind in ("scalars", "tensors", "images", "histograms")})
events.Reload()
tags = events.Tags()
histograms = {tag: events.Histograms(tag)[-1].histogram_value for tag in tags["histograms"]}
images = [events.Images(tag)[0] for tag in tags["images"]]
print(json.dumps({
    "tags": sorted(tag for kind in ("scalars", "histograms", "images", "tensors") for tag in tags[kind]),
    "version": events.file_version,
    "scalars": {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in tags["scalars"]},
    "times": [e.wall_time for tag in tags["scalars"] for e in events.Scalars(tag)],
    "histograms": {tag: [h.min, h.max, h.num, h.sum, h.sum_squares, list(h.bucket_limit), list(h.bucket)] for tag, h in histograms.items()},
    "images": [[image.width, image.height, image.encoded_image_string.hex()] for image in images],
    "texts": {tag: [events.SummaryMetadata(tag).plugin_data.plugin_name, events.Tensors(tag)[0].tensor_proto.string_val[0].decode()] for tag in tags["tensors"]},
}))
`;
const python = spawnSync("python3", ["-c", "import tensorboard"], { encoding: "utf8" });
const missing = python.status === 0 ? undefined : "no python3 with tensorboard";

describeUnless(missing, "TensorBoard's own reader", () => {
  const folder = temporaryFolder("events");
  const read = (path: string) => JSON.parse(execFileSync("python3", ["-c", READER, path], { encoding: "utf8" }));

  it("reads the same values", () => {
    const path = join(folder, "values.tfevents");
    const file = openEventFile(path, () => 1_700_000_000.25);
    const values = [3, 1, 2, 2, 1.5];
    const points = Float32Array.of(10, 5, -1, 0);
    const boxes = new Float64Array(0);
    const image = birdsEyeImage({ points, labelled: boxes, found: boxes, range: [0, -20, -3, 70, 20, 1] });
    file.add(0, [{ kind: "text", tag: "recipe", text: "name: é\n" }]);
    file.add(1, [
      { kind: "scalar", tag: "loss", value: 0.1 },
      { kind: "histogram", tag: "entropies", values },
    ]);
    file.add(2 ** 40 + 1, [{ kind: "scalar", tag: "loss", value: -2.5 }]);
    file.add(3, [{ kind: "image", tag: "above", ...image }]);
    const found = read(path);
    expect(found.version).toBe(2);
    expect(found.tags).toEqual(["above", "entropies", "loss", "recipe"]);
    expect(found.scalars.loss).toEqual([
      [1, Math.fround(0.1)],
      [2 ** 40 + 1, -2.5],
    ]);
    expect(found.times).toEqual([1_700_000_000.25, 1_700_000_000.25]);
    expect(found.texts).toEqual({ recipe: ["text", "name: é\n"] });
    expect(found.images).toEqual([[400, 700, Buffer.from(image.png).toString("hex")]]);
    const [least, greatest, count, sum, squares, limits, counts] = found.histograms.entropies;
    expect([least, greatest, count, sum, squares]).toEqual([1, 3, 5, 9.5, 20.25]);
    expect(limits.at(-1)).toBe(3);
    const below = (limit: number) =>
      counts.filter((_: number, i: number) => limits[i] <= limit + 1e-9).reduce((a: number, b: number) => a + b, 0);
    expect([below(1 + 2 / 30), below(1.6), below(2.1), below(3)]).toEqual([1, 2, 4, 5]);
  }, 120_000);

  it("forgets what is made again, and a record that a killed process left in part is taken off", () => {
    const path = join(folder, "again.tfevents");
    const first = openEventFile(path);
    expect(first.continued).toBe(false);
    for (const step of [1, 2, 3]) first.add(step, [{ kind: "scalar", tag: "loss", value: step }]);
    truncateSync(path, statSync(path).size - 3);
    const again = openEventFile(path);
    expect(again.continued).toBe(true);
    again.restartAt(2);
    for (const step of [2, 3]) again.add(step, [{ kind: "scalar", tag: "loss", value: 10 * step }]);
    expect(read(path).scalars.loss).toEqual([
      [1, 1],
      [2, 20],
      [3, 30],
    ]);
    const before = readFileSync(path);
    appendFileSync(path, "rubbish at the end of the file");
    openEventFile(path);
    expect(readFileSync(path)).toEqual(before);
  }, 120_000);
});
