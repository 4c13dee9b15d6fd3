import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { encode as encodeJpeg } from "jpeg-js";
import { projectToImage } from "kitti-io";
import { transformScan } from "lidar-augment";
import { useBackend } from "open-backend";
import { type CameraConfig, type NamedArray, parseSafetensors } from "second-detector";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cameraFrame, drawImageBounds } from "../src/frames/camera-frame.js";
import { readerOfFiles } from "../src/frames/kitti-folder.js";
import { openDataSource } from "../src/frames/open-data-source.js";
import { decodeImage, readImage } from "../src/frames/read-image.js";
import { evaluateRun } from "../src/inference/evaluate-run.js";
import { inferFrame } from "../src/inference/infer-frame.js";
import { openTrainedDetector } from "../src/inference/open-detector.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import type { Recipe } from "../src/recipe/recipe-schema.js";
import type { RunSettings } from "../src/runs/run-file.js";
import { runFolder } from "../src/runs/run-folder.js";
import { randomStream } from "../src/system/random.js";
import { readCheckpointModel } from "../src/training/checkpoint.js";
import { trainRun } from "../src/training/train-run.js";
import { openBatches } from "../src/training/training-batches.js";
import { tinyCalibration } from "./scenes/tiny-scene.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

const tiny = openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname);
const camera: CameraConfig = {
  image: {
    testSize: [160, 64],
    trainSizes: [
      [96, 40],
      [192, 80],
    ],
    order: "bgr",
    mean: [103.53, 116.28, 123.675],
    deviation: [57, 57, 58],
    multiple: 32,
  },
  resnet: { width: 2, outputs: [2, 4], frozenStages: 1 },
  fpn: { channels: 4 },
  alignment: { kind: "project", height: -1 },
  fusion: { kind: "concat", channels: 4, dropout: 0.2 },
};
const augmentation = { scene: { mirror: 0.5, rotation: 0.3, scaling: [0.95, 1.05], translation: 0.1 } } as const;
const recipe: Recipe = {
  ...tiny,
  detector: { ...tiny.detector, camera },
  training: { ...tiny.training, epochs: 2 },
  augmentation,
};
const { detector: config } = recipe;

let root: string;
let settings: RunSettings;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "eloss-camera-"));
  const data = join(root, "data");
  const frames = await writeTinyScenes(data, { count: 3, seed: 0 });
  const folder = join(data, "training", "image_2");
  mkdirSync(folder);
  frames.forEach((id, i) => {
    writeFileSync(join(folder, `${id}.png`), colours(124, 38, i));
  });
  settings = { data, split: "all", frames, seed: 0, entropyLoss: true };
  await useBackend("simd");
});
afterAll(() => rmSync(root, { recursive: true }));

/** A PNG whose colours depend on the place. */
function colours(width: number, height: number, seed: number): Uint8Array {
  const data = Uint8Array.from(
    { length: 3 * width * height },
    (_, i) => (7 * i + 31 * Math.floor(i / width) + seed) % 256,
  );
  return encode({ width, height, data, channels: 3, depth: 8 });
}

describe("readImage", () => {
  it("gives the pixels that were written, transparency left aside", async () => {
    const data = Uint8Array.of(1, 2, 3, 255, 4, 5, 6, 0);
    writeFileSync(join(root, "alpha.png"), encode({ width: 2, height: 1, data, channels: 4, depth: 8 }));
    const image = await readImage(join(root, "alpha.png"));
    expect([image.width, image.height, ...image.data]).toEqual([2, 1, 1, 2, 3, 4, 5, 6]);
  });

  it("names a file that is none, and one of another kind", async () => {
    const deep = encode({ width: 1, height: 1, data: Uint16Array.of(1, 2, 3), channels: 3, depth: 16 });
    writeFileSync(join(root, "deep.png"), deep);
    writeFileSync(join(root, "text.png"), "no image");
    await expect(readImage(join(root, "deep.png"))).rejects.toThrow(
      /deep\.png: expected 8 bits .* got 16 bits and colour type 2/,
    );
    await expect(readImage(join(root, "text.png"))).rejects.toThrow(/text\.png: expected a PNG header/);
    await expect(readImage(join(root, "none.png"))).rejects.toThrow(
      /none\.png: expected to read an image, got no such file/,
    );
  });

  /** A PNG of red whose header claims another size, or whose pixels come after a profile. */
  const altered = (change: (file: Uint8Array, header: DataView) => Uint8Array) => {
    const file = encode({ width: 2, height: 2, data: new Uint8Array(12), channels: 3, depth: 8 });
    return change(file, new DataView(file.buffer, file.byteOffset + 16));
  };

  it("counts the pixels before it decodes any", () => {
    const huge = altered((file, header) => {
      header.setUint32(0, 30_000);
      header.setUint32(4, 30_000);
      return file;
    });
    expect(() => decodeImage(huge, "a.png")).toThrow(
      "a.png: expected an image of at most 33177600 pixels, got 30000 x 30000",
    );
  });

  it("stops where the data are more than the header says, and skips what is no picture", () => {
    const bomb = encode({ width: 1, height: 1, data: Uint8Array.of(1, 2, 3), channels: 3, depth: 8 });
    const large = encode({ width: 4000, height: 4000, data: new Uint8Array(48e6), channels: 3, depth: 8 });
    const lying = Buffer.concat([bomb.subarray(0, 33), large.subarray(33)]);
    expect(() => decodeImage(lying, "a.png")).toThrow(
      /^a\.png: expected a PNG image, got a faulty one \(Cannot create a Buffer/,
    );
    const profile = altered((file) => {
      const chunk = Buffer.concat([Uint8Array.of(0, 0, 0, 4), Buffer.from("iCCPab\0\0"), new Uint8Array(4)]);
      return Buffer.concat([file.subarray(0, 33), chunk, file.subarray(33)]);
    });
    expect([...decodeImage(profile, "a.png").data]).toEqual(new Array(12).fill(0));
  });

  it.each([34, 45, 60])("says that a file ends after %i bytes", (length) => {
    const cut = altered((file) => file.subarray(0, length));
    expect(() => decodeImage(cut, "a.png")).toThrow(/^a\.png: expected a PNG image, got a faulty one/);
  });
});

describe("JPEG", () => {
  const [width, height] = [48, 20];
  const smooth = Uint8Array.from({ length: 4 * width * height }, (_, i) =>
    i % 4 === 3 ? 255 : 4 * ((i >> 2) % width) + 20 * (i % 4),
  );
  const jpeg = () => Uint8Array.from(encodeJpeg({ width, height, data: smooth }, 98).data);

  it("is decoded within what its compression loses, in rows of red, green, blue", () => {
    const image = decodeImage(jpeg(), "a.jpg");
    expect([image.width, image.height, image.data.length]).toEqual([width, height, 3 * width * height]);
    const wanted = smooth.filter((_, i) => i % 4 < 3);
    const worst = Math.max(...wanted.map((value, i) => Math.abs(value - image.data[i])));
    expect(worst).toBeLessThan(12);
  });

  it("stands in the place of a PNG in a data set", async () => {
    const data = join(root, "jpeg-data");
    const [id] = await writeTinyScenes(data, { count: 1, seed: 3 });
    mkdirSync(join(data, "training", "image_2"));
    writeFileSync(join(data, "training", "image_2", `${id}.jpg`), jpeg());
    const source = openDataSource(data);
    expect((await source.read(id)).view?.imageSize).toEqual({ width, height });
    expect(await source.readImage(id)).toMatchObject({ width, height });
    expect([...source.files(id).keys()]).toContain(`image_2/${id}.jpg`);
  });

  it("is bounded by its header, and by how often it goes through its blocks", () => {
    const huge = jpeg();
    const frame = huge.findIndex((byte, i) => byte === 0xff && huge[i + 1] === 0xc0);
    huge.set([0xff, 0xff, 0xff, 0xff], frame + 5);
    expect(() => decodeImage(huge, "a.jpg")).toThrow(
      "a.jpg: expected an image of at most 33177600 pixels, got 65535 x 65535",
    );
    const scans = Buffer.concat([jpeg(), ...new Array(300).fill(Uint8Array.of(0xff, 0xda))]);
    expect(() => decodeImage(scans, "a.jpg")).toThrow("it has 301 scans, where at most 200 are decoded");
    expect(() => decodeImage(jpeg().subarray(0, 400), "a.jpg")).toThrow(
      /^a\.jpg: expected a JPEG image, got a faulty one/,
    );
  });
});

describe("cameraFrame", () => {
  const image = { width: 4, height: 2, data: new Uint8Array(24) };
  const calibration = tinyCalibration();
  const points = Float32Array.of(10, 1, -1, 0, 25, -7, 0.5, 0, 6, 2, -1.5, 0);

  it.each([false, true])(
    "finds points of a changed scan where the unchanged ones are seen: mirrored %s",
    (mirrored) => {
      const transform = { mirrored, angle: 0.4, factor: 1.05, offset: [0.3, -0.2, 0.1], slope: [0.02, -0.03] } as const;
      const boxes = new Float64Array(0);
      const moved = transformScan({ points, boxes, labels: new Int32Array(0) }, transform);
      const { lidarToImage: m } = cameraFrame({ image, calibration, config: camera, transform });
      const expected = projectToImage(points, calibration);
      for (let i = 0; i < 3; i++) {
        const p = [...moved.points.subarray(4 * i, 4 * i + 3), 1];
        const [ud, vd, d] = [0, 1, 2].map((row) => p.reduce((sum, v, k) => sum + v * m[4 * row + k], 0));
        expect(d).toBeCloseTo(expected.depth[i], 4);
        expect(ud / d).toBeCloseTo(expected.u[i], 2);
        expect(vd / d).toBeCloseTo(expected.v[i], 2);
      }
    },
  );

  it("draws bounds of training images from the whole range, its ends included", () => {
    const rng = randomStream(0, "bounds");
    const drawn = Array.from({ length: 3000 }, () => drawImageBounds(camera, rng));
    const longest = drawn.map(([side]) => side);
    const shortest = drawn.map(([, side]) => side);
    expect([Math.min(...longest), Math.max(...longest)]).toEqual([96, 192]);
    expect([Math.min(...shortest), Math.max(...shortest)]).toEqual([40, 80]);
  });
});

describe("batches with images", () => {
  it("change from epoch to epoch and are the same for the same seed", async () => {
    const origin = { data: settings.data, frames: settings.frames, config, augmentation, seed: 4 };
    const load = await openBatches(origin);
    const ids = settings.frames.slice(0, 2);
    const [first, second] = [await load({ ids, epoch: 0 }), await load({ ids, epoch: 1 })];
    expect(first.batch.camera!.pixels).not.toEqual(second.batch.camera!.pixels);
    expect((await (await openBatches(origin))({ ids, epoch: 0 })).batch).toEqual(first.batch);
  });

  it("say what is missing where a frame has no image", async () => {
    const data = join(root, "without-images");
    const frames = await writeTinyScenes(data, { count: 1, seed: 0 });
    const load = await openBatches({ data, frames, config, augmentation, seed: 0 });
    await expect(load({ ids: frames, epoch: 0 })).rejects.toThrow(
      "frame 000000: image_2/000000.png (or .jpg): expected this image for a detector with a camera, got no such file; " +
        "add KITTI's left colour images or take a configuration without a camera",
    );
  });
});

describe("training with a camera", () => {
  interface Changes {
    readonly stopAfter?: number;
    readonly workers?: number;
    readonly initialWeights?: ReadonlyMap<string, NamedArray>;
  }

  async function train(
    name: string,
    { stopAfter = Number.POSITIVE_INFINITY, workers = 0, initialWeights }: Changes = {},
  ) {
    const folder = join(root, name);
    let looks = 0;
    const stop = {
      get requested() {
        looks += 1;
        return looks > stopAfter;
      },
    };
    await trainRun({ folder, recipe, settings, backend: {}, workers, initialWeights, stop });
    return runFolder(folder);
  }

  it("gives the same weights with threads, and after an interruption", async () => {
    const whole = readFileSync((await train("whole")).checkpoint);
    expect(readFileSync((await train("threads", { workers: 1 })).checkpoint).equals(whole)).toBe(true);
    await train("interrupted", { stopAfter: 1 });
    expect(readFileSync((await train("interrupted")).checkpoint).equals(whole)).toBe(true);
    const names = [...parseSafetensors(whole).keys()];
    expect(names).toContain("model/camera.resnet.stem.weight");
    expect(names).not.toContain("optimizer/camera.resnet.stem.weight.first"); // frozen
  });

  it("begins with the image weights that it is given, and keeps what is frozen", async () => {
    const name = "camera.resnet.stem.weight";
    const stem = { shape: [7, 7, 3, 2], data: Float32Array.from({ length: 294 }, (_, i) => i / 294 - 0.5) };
    const run = await train("given", { initialWeights: new Map([[name, stem]]) });
    expect(readCheckpointModel(run.checkpoint).model.get(name)!.data).toEqual(stem.data);
  });

  it("evaluates and infers with the images", async () => {
    const { detector, step } = openTrainedDetector(await train("evaluated"));
    const { frames } = settings;
    const data = openDataSource(settings.data);
    const run = runFolder(join(root, "evaluated"));
    await evaluateRun(run, detector, { data, split: "all", frames, step });
    const found = await inferFrame(detector, data, frames[0]);
    expect(found.view!.imageSize).toEqual({ width: 124, height: 38 });
    const [scan, calibration] = data.files(frames[0]).values();
    const without = readerOfFiles((id) => ({ id, scan, calibration }));
    await expect(inferFrame(detector, without, frames[0])).rejects.toThrow(
      `image_2/${frames[0]}.png (or .jpg): expected this image`,
    );
    detector.network.dispose();
  });
});
