import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { measureEntropies } from "entropy-loss";
import { simulateFrame } from "kitti-sim";
import { useBackend } from "open-backend";
import { type DetectorConfig, forwardDetector, weightsFromArrays } from "second-detector";
import { readPretrained } from "second-weights";
import { expectClose, randomFloats, seededRandom } from "test-support";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chooseDetections } from "../src/explain/choose-detections.js";
import { type ExplainRequest, explainFrame } from "../src/explain/explain-frame.js";
import { explanationFigures } from "../src/explain/explanation-text.js";
import { layerFigures } from "../src/explain/layer-figures.js";
import { gradientLengths, shareInBox, sureAttribution } from "../src/explain/point-shares.js";
import { frameFromKitti } from "../src/frames/kitti-frame.js";
import { collateInputs, networkInput } from "../src/frames/network-input.js";
import { visibleFrame } from "../src/frames/visible-frame.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

describe("layerFigures", () => {
  it("measures channels whose mean is the entropy that the loss measures", async () => {
    await useBackend("simd");
    const rng = seededRandom(1);
    const [height, width, channels] = [6, 10, 24];
    const values = randomFloats(rng, height * width * channels).map((value) => Math.max(0, value));
    const layer = layerFigures({ values, height, width, channels }, "C/10");
    const tap = tf.tensor4d(values, [1, height, width, channels]);
    const [[measured]] = measureEntropies([[tap]]);
    tap.dispose();
    expectClose(layer.entropy, measured, { relative: 1e-6 });
    const mean = layer.channels.reduce((sum, { entropy }) => sum + entropy / channels, 0);
    expectClose(mean, measured, { relative: 1e-6 });
  });

  it("finds neighbours, shares of active cells and activity by hand", () => {
    // Three channels on two rows of two cells; the third is all but the first.
    const cells = [
      [1, 0, 1],
      [2, 0, 2],
      [0, 4, 0.5],
      [0, 4, 0],
    ];
    const { channels, activity, maps } = layerFigures(
      { values: Float32Array.from(cells.flat()), height: 2, width: 2, channels: 3 },
      1,
    );
    expect(channels.map(({ neighbour, active }) => [neighbour, active])).toEqual([
      [2, 0.5],
      [2, 0.5],
      [0, 0.75],
    ]);
    expectClose(channels[0].distance, 0.5, { relative: 1e-12 });
    expectClose(activity.values, [2 / 3, 4 / 3, 1.5, 4 / 3], { relative: 1e-6 });
    expect([...maps.values.subarray(4, 8)]).toEqual([0, 0, 4, 4]);
  });

  it("shows channels of many cells by the means of squares", () => {
    const [height, width] = [65, 64]; // squares of two cells, the last row of one
    const values = Float32Array.from({ length: height * width * 2 }, (_, i) =>
      i % 2 === 0 ? Math.floor(i / 2 / width) : 1,
    );
    const { maps, activity } = layerFigures({ values, height, width, channels: 2 }, 1);
    expect([activity.width, activity.height]).toEqual([64, 65]);
    expect([maps.width, maps.height]).toEqual([32, 33]);
    expect([maps.values[0], maps.values[32], maps.values[32 * 32]]).toEqual([0.5, 2.5, 64]);
    expectClose(maps.values.subarray(32 * 33), new Float32Array(32 * 33).fill(1), { relative: 1e-6 });
  });
});

describe("shares of points", () => {
  const box = [10, 0, 0, 4, 2, 2, 0];
  const points = Float32Array.of(10, 0, 0, 0, 12.3, 0, 0, 0, 20, 0, 0, 0);

  it("count what speaks for the box, inside of it and near", () => {
    expect(shareInBox(points, Float32Array.of(2, 1, -5), { box })).toBeCloseTo(2 / 3, 6);
    expect(shareInBox(points, Float32Array.of(2, 1, 1), { box, margin: 0.5 })).toBeCloseTo(3 / 4, 6);
    expect(shareInBox(points, Float32Array.of(0, 0, -1), { box })).toBeNull();
  });

  it("are of what exceeds 3.5 standard errors", () => {
    const attribution = Float32Array.of(9, 9, 9, 0.5, -0.5, 0.2, 0);
    const standardError = Float32Array.of(1, 1, 1, 0.1, 0.1, 0.1, Number.POSITIVE_INFINITY);
    expectClose(sureAttribution({ attribution, standardError }, 0, 3), [5.5, 5.5, 5.5], { relative: 1e-6 });
    const second = { attribution: attribution.slice(3), standardError: standardError.slice(3) };
    expectClose(sureAttribution(second, 0, 4), [0.15, -0.15, 0, 0], { relative: 1e-6 });
    expectClose(
      sureAttribution({ attribution: Float32Array.of(0, 0, 1, 5), standardError: new Float32Array(4) }, 1, 2),
      [1, 5],
      {},
    );
    expectClose(gradientLengths(Float32Array.of(3, 4, 0, 0, 0, 0, 0, 7)), [0.5, 0.7], { relative: 1e-6 });
  });
});

describe("chooseDetections", () => {
  const found = { scores: Float32Array.of(0.9, 0.4, 0.15) };
  const asked = { score: 0.3, id: "7", threshold: 0.1 };

  it("takes those above the score, or those that are named", () => {
    expect(chooseDetections(found, asked)).toEqual([0, 1]);
    expect(chooseDetections(found, { ...asked, objects: [3, 1, 3] })).toEqual([2, 0]);
  });

  it("says what there is where there is none", () => {
    expect(() => chooseDetections({ scores: new Float32Array(0) }, asked)).toThrow(
      "expected a detection in frame 7, got none of score 0.1 or more",
    );
    expect(() => chooseDetections(found, { ...asked, score: 0.95 })).toThrow(
      "the best has 0.90; give --score 0.89, or --object 1",
    );
    expect(() => chooseDetections(found, { ...asked, objects: [4] })).toThrow(
      "--object 4: expected a number from 1 to 3",
    );
  });
});

/** The published detector on a street that it has never seen: cars whose own points are all that there is to see of them. */
describe("explainFrame on a simulated street", () => {
  const { weights: model, config: whole } = readPretrained("second-small");
  // A window of 25.6 m costs a tenth of the whole range.
  const config: DetectorConfig = { ...whole, pointRange: [0, -12.8, -3, 25.6, 12.8, 1] };
  const { points, calibration, objects, image } = simulateFrame({ seed: 1_000_000, frame: 3, field: "camera" });
  const frame = visibleFrame(frameFromKitti({ id: "street", points, calibration, objects, imageSize: image }), config);
  const explain = (change: Partial<ExplainRequest>) =>
    explainFrame({ model, config, frame, choose: () => [0, 1], draws: 2, seed: 0, ...change });

  beforeAll(async () => {
    await useBackend("simd");
  });

  it("finds most of what carries a car inside its box, and says the same again", async () => {
    const request: Partial<ExplainRequest> = {
      choose: ({ scores, labels }) => Array.from(scores.keys()).filter((i) => labels[i] === 0 && scores[i] > 0.7),
      draws: 200,
    };
    const steps: string[] = [];
    let announced = 0;
    const { detections, draws } = await explain({
      ...request,
      onStart(count) {
        announced = count;
      },
      onStep: (what) => steps.push(what) > 0,
    });
    expect(draws).toBe(200);
    expect(detections.length).toBe(6);
    expect(steps.length).toBe(announced);
    for (const { number, removal, gradients, foundAgain, points: inside } of detections) {
      expect(inside, `points of ${number}`).toBeGreaterThan(30);
      expect(foundAgain, `of ${number}`).toBeGreaterThan(0.1);
      expect(removal.nearBox, `removal, object ${number}`).toBeGreaterThan(0.8);
      expect(gradients.nearBox, `gradients, object ${number}`).toBeGreaterThan(0.5);
    }
    // A box that lies beside its car leaves points out: one of them does.
    const inBox = detections.map(({ removal }) => removal.inBox ?? 0).sort((a, b) => a - b);
    expect(inBox[2]).toBeGreaterThan(0.7);
    const again = await explain({ ...request, draws: 4 });
    expect(await explain({ ...request, draws: 4 })).toEqual(again);
    expect((await explain({ ...request, draws: 4, seed: 1 })).detections[0].foundAgain).not.toBe(
      again.detections[0].foundAgain,
    );
  });

  it("has the entropies of the layers as the loss measures them, and frees what it used", async () => {
    const before = tf.memory().numTensors;
    const explained = await explain({ choose: () => [0] });
    expect(tf.memory().numTensors).toBe(before);
    const { layers } = explanationFigures(explained);
    const weights = weightsFromArrays(config, model);
    const { taps } = forwardDetector(weights, collateInputs([networkInput(frame, config)], config), { config });
    const measured = measureEntropies(taps).flat();
    expectClose(
      layers.map(({ entropy }) => entropy),
      measured,
      { absolute: 1e-6 },
    );
    expect(layers.map(({ block, difference }) => [block, difference === null])).toEqual([
      [0, true],
      [0, false],
      [1, true],
      ...Array(4).fill([1, false]),
    ]);
    tf.disposeVariables();
  });

  it("frees what it used where nothing can be explained", async () => {
    const before = tf.memory().numTensors;
    const refuse = () => {
      throw new Error("nothing there");
    };
    await expect(explain({ choose: refuse })).rejects.toThrow("nothing there");
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("eloss explain", () => {
  let root: string;
  let data: string;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "eloss-explain-"));
    data = join(root, "data");
    await writeTinyScenes(data, { count: 2, seed: 0 });
  });
  afterAll(() => rmSync(root, { recursive: true }));

  const eloss = (...args: string[]) =>
    spawnSync(process.execPath, [cli, "explain", ...args], { encoding: "utf8", cwd: root });
  const pretrained = (...args: string[]) => eloss("--pretrained", "second-small", "--data", data, ...args);

  it("writes a page and prints figures", () => {
    const { stdout, stderr, status } = pretrained("000001", "--score", "0.1", "--draws", "4", "--seed", "3", "--json");
    expect(status, stderr).toBe(0);
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({ file: "explain.html", frame: "000001", weights: "second-small", seed: 3, draws: 4 });
    expect(found.objects.length).toBeGreaterThan(0);
    expect(found.objects[0]).toMatchObject({ number: 1, removal: expect.any(Object), box: expect.any(Array) });
    expect(found.layers).toHaveLength(7);
    expect(found.layers[0].channels).toHaveLength(48);
    const page = readFileSync(join(root, "explain.html"), "utf8");
    const data_ = JSON.parse(page.match(/id="page-data">(.*?)<\/script>/s)![1]);
    expect(data_.objects.length).toBe(found.objects.length);
    expect(data_.layers.length).toBe(7);
  });

  it.each<[string, number, () => string[], RegExp]>([
    ["no weights", 2, () => ["--data", data, "000001"], /expected --run <dir> or --pretrained <name>/],
    [
      "no such frame",
      1,
      () => ["--pretrained", "second-small", "--data", data, "1"],
      /there are 2, 000000 to 000001.*got "1"; is 000001 meant\?/,
    ],
    [
      "no such box",
      1,
      () => ["--pretrained", "second-small", "--data", data, "000001", "--object", "99"],
      /--object 99: expected a number from 1 to \d+/,
    ],
    [
      "no box of that score",
      1,
      () => ["--pretrained", "second-small", "--data", data, "000001", "--score", "0.999"],
      /the best has 0\.\d+; give --score 0\.\d+/,
    ],
    [
      "a scan without a calibration",
      2,
      () => ["--pretrained", "second-small", join(data, "training/velodyne/000001.bin")],
      /expected --calib <file>/,
    ],
  ])("says what to do: %s", (_, wanted, args, message) => {
    const { stderr, status } = eloss(...args());
    expect(status).toBe(wanted);
    expect(stderr).toMatch(message);
    expect(existsSync(join(root, "refused.html"))).toBe(false);
  });

  it("takes a scan by itself, ends in time, and refuses numbers that are none", () => {
    const training = join(data, "training");
    const scan = ["--calib", join(training, "calib/000000.txt"), join(training, "velodyne/000000.bin")];
    const short = ["--score", "0.1", "--draws", "100000", "--seconds", "1", "--out", "short.html"];
    const { stdout, stderr, status } = eloss("--pretrained", "second-small", ...scan, ...short);
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/\d+ of 100000, seed 0 draws/);
    expect(stdout).toMatch(/class +score.*short\.html\n$/s);
    expect(pretrained("000001", "--draws", "1").status).toBe(2);
    expect(pretrained("000001", "--seconds", "0").stderr).toContain("expected a positive number");
    expect(pretrained("000001", "--object", "0").status).toBe(2);
  });
});
