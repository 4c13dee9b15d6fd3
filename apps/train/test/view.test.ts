import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { boxesFromObjects, cropToCameraView, openDataset, projectToImage } from "kitti-io";
import { useBackend } from "open-backend";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { USUAL_IMAGE_SIZE } from "../src/frames/kitti-frame.js";
import { openDataSource } from "../src/frames/open-data-source.js";
import { makeUntrainedDetector } from "../src/inference/open-detector.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { detectorBoxes, resultFolder, type ViewRequest, viewPage } from "../src/report/view-page.js";
import { servePage } from "../src/system/serve-page.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

let root: string;
let data: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "eloss-view-"));
  data = join(root, "data");
  await writeTinyScenes(data, { count: 2, seed: 0 });
});
afterAll(() => rmSync(root, { recursive: true }));

const embeddedIn = (page: string) => JSON.parse(page.match(/id="page-data">(.*?)<\/script>/s)![1]);
interface Changes extends Partial<Omit<ViewRequest, "data">> {
  readonly root?: string;
  readonly half?: "testing";
}
const show = async ({ root = data, half, ...changes }: Changes = {}) =>
  embeddedIn(
    await viewPage({ data: openDataSource(root, { half }), frames: ["000001"], full: false, sources: [], ...changes }),
  );

describe("viewPage", () => {
  it("has the points in view, or all of them, and the labels as boxes", async () => {
    const frame = await (await openDataset(data, { frames: ["000001"] })).readFrame("000001");
    const [cut, full] = [await show(), await show({ full: true })];
    const inView = cropToCameraView(frame.points, frame.calibration, frame.imageSize ?? { width: 1242, height: 375 });
    expect(cut.frames[0].points.count).toBe(inView.length / 4);
    expect(full.frames[0].points.count).toBe(frame.points.length / 4);
    const labelled = frame.objects!.filter(({ type }) => type !== "DontCare");
    expect(cut.frames[0].truth.length).toBe(labelled.length);
    const boxes = boxesFromObjects(labelled, frame.calibration);
    cut.frames[0].truth
      .flatMap(({ box }: { box: number[] }) => box)
      .forEach((value: number, i: number) => {
        expect(Math.abs(value - boxes[i])).toBeLessThan(0.00051);
      });
  });

  it("has the image, with the boxes' place in it, unless it is not asked for", async () => {
    const folder = join(data, "training", "image_2");
    mkdirSync(folder);
    const file = Buffer.from(encode({ ...USUAL_IMAGE_SIZE, channels: 3, data: new Uint8Array(3 * 1242 * 375) }));
    writeFileSync(join(folder, "000001.png"), file);
    const [{ image }] = (await show()).frames;
    const without = (await show({ images: false })).frames[0];
    rmSync(folder, { recursive: true });
    expect(image.url).toBe(`data:image/png;base64,${file.toString("base64")}`);
    const frame = await (await openDataset(data, { frames: ["000001"] })).readFrame("000001");
    const point = [20, 3, -1, 0];
    const { u, v } = projectToImage(point, frame.calibration);
    const [wu, wv, w] = [0, 4, 8].map(
      (at) =>
        20 * image.projection[at] + 3 * image.projection[at + 1] - image.projection[at + 2] + image.projection[at + 3],
    );
    expect(Math.abs(wu / w - u[0])).toBeLessThan(1e-9);
    expect(Math.abs(wv / w - v[0])).toBeLessThan(1e-9);
    expect(without.image).toBeNull();
  });

  it("shows scans alone, all round and of any class, without an image", async () => {
    const own = join(root, "own");
    mkdirSync(join(own, "points"), { recursive: true });
    mkdirSync(join(own, "labels"));
    writeFileSync(join(own, "points", "a.bin"), Buffer.from(Float32Array.of(9, 0, 0, 0.5, -9, 0, 0, 0.5).buffer));
    writeFileSync(join(own, "labels", "a.txt"), "-9 0 0 4 2 1.5 0 Tram\n");
    const [frame] = (await show({ root: own, frames: ["a"] })).frames;
    expect(frame).toMatchObject({ id: "a", image: null, truth: [{ type: "Tram", box: [-9, 0, 0, 4, 2, 1.5, 0] }] });
    expect(frame.points.count).toBe(2);
  });

  it("shows a frame without labels as one that has none", async () => {
    const bare = join(root, "bare");
    for (const [folder, extension] of [
      ["velodyne", "bin"],
      ["calib", "txt"],
    ]) {
      mkdirSync(join(bare, folder), { recursive: true });
      const name = join(folder, `000001.${extension}`);
      writeFileSync(join(bare, name), readFileSync(join(data, "training", name)));
    }
    expect((await show({ root: bare })).frames[0].truth).toBeNull();
    const whole = join(root, "whole");
    mkdirSync(whole);
    renameSync(bare, join(whole, "testing"));
    expect((await show({ root: whole, half: "testing" })).frames[0].truth).toBeNull();
    await expect(show({ root: whole })).rejects.toThrow(/training/);
  });

  it("shows result files, and says which is missing", async () => {
    const folder = join(root, "found");
    mkdirSync(folder);
    writeFileSync(join(folder, "000001.txt"), "Car -1 -1 0 10 10 50 50 1.5 1.6 4 0 1.7 20 0 0.5\n");
    const page = await show({ sources: [resultFolder(folder)] });
    expect(page.sources).toEqual([folder]);
    expect(page.frames[0].detections[0]).toMatchObject([{ type: "Car", score: 0.5 }]);
    await expect(show({ frames: ["000000"], sources: [resultFolder(folder)] })).rejects.toThrow(
      /000000\.txt is missing/,
    );
    writeFileSync(join(folder, "000001.txt"), "Car -1 -1 0 10 10 50 50 1.5 1.6 4 0 1.7 20 0\n");
    await expect(show({ sources: [resultFolder(folder)] })).rejects.toThrow(/000001\.txt:1/);
  });

  it("shows the boxes of a run of whole scans where there is a camera, too", async () => {
    const folder = join(root, "found-whole");
    mkdirSync(folder);
    const file = join(folder, "000001.txt");
    writeFileSync(file, "\n20 0 -1 4 2 1.5 0 Car 0.5\n-9 0 0 12 2.5 3 0 Fire engine 0.25\n");
    const { detections } = (await show({ sources: [resultFolder(folder)] })).frames[0];
    expect(detections[0]).toMatchObject([
      { type: "Car", box: [20, 0, -1, 4, 2, 1.5, 0], score: 0.5 },
      { type: "Fire engine", box: [-9, 0, 0, 12, 2.5, 3, 0], score: 0.25 },
    ]);
    // A class of KITTI's result files may be called as it likes.
    writeFileSync(file, "7 -1 -1 0 10 10 50 50 1.5 1.6 4 0 1.7 20 0 0.5\n");
    const [kitti] = (await show({ sources: [resultFolder(folder)] })).frames[0].detections;
    expect(kitti).toMatchObject([{ type: "7", score: 0.5 }]);
    writeFileSync(file, "");
    expect((await show({ sources: [resultFolder(folder)] })).frames[0].detections).toEqual([[]]);
  });

  it("shows what a detector finds", async () => {
    await useBackend("simd");
    const { detector: tiny } = openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname);
    const config = { ...tiny, predict: { ...tiny.predict, scoreThreshold: 0 } };
    const detector = await makeUntrainedDetector(config, 0);
    const [boxes] = (await show({ sources: [detectorBoxes(detector, "untrained")] })).frames[0].detections;
    detector.network.dispose();
    expect(boxes.length).toBe(config.predict.maxBoxes);
    for (const { type, score } of boxes) {
      expect(type).toBe("Car");
      expect(score).toBeGreaterThan(0);
    }
  });

  it("names a frame and a folder that are not there", async () => {
    await expect(show({ frames: ["000009"] })).rejects.toThrow(/000009\.bin/);
    await expect(show({ root: join(root, "nowhere") })).rejects.toThrow(/nowhere/);
  });
});

describe("servePage", () => {
  const ask = (url: string, { host, method = "GET" }: { host?: string; method?: string } = {}) =>
    new Promise<{ status: number; body: string }>((answered, failed) => {
      const asked = request(url, { method, agent: false, ...(host && { headers: { host } }) }, (response) => {
        let body = "";
        response.on("data", (part) => {
          body += part;
        });
        response.on("end", () => answered({ status: response.statusCode!, body }));
      });
      asked.on("error", failed);
      asked.end();
    });

  it("gives the page to this machine and to nobody who calls it by another name", async () => {
    const { url, close } = await servePage("<p>page</p>", 0);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(await ask(url)).toEqual({ status: 200, body: "<p>page</p>" });
    expect(await ask(`${url}other`)).toEqual({ status: 404, body: "" });
    expect(await ask(url, { method: "POST" })).toEqual({ status: 405, body: "" });
    expect(await ask(url, { host: "evil.example" })).toEqual({ status: 403, body: "" });
    await close();
    await expect(ask(url)).rejects.toThrow(/ECONNREFUSED/);
  });

  it("says that a port is taken", async () => {
    const { url, close } = await servePage("", 0);
    const port = Number(new URL(url).port);
    await expect(servePage("", port)).rejects.toThrow(`--port ${port}: cannot listen there`);
    await close();
  });
});
