import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "test-support";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { proposeRecipe } from "../src/configure/propose-recipe.js";
import { surveyData } from "../src/configure/survey.js";
import { parseBoxLabels, parseSustechLabels } from "../src/frames/box-labels.js";
import { fileNameOf } from "../src/frames/frame.js";
import { openDataSource } from "../src/frames/open-data-source.js";
import { hiddenObjects, visibleFrame } from "../src/frames/visible-frame.js";
import { examineFrame } from "../src/prepare/examine-frame.js";
import { indexFolderOf } from "../src/prepare/index-file.js";
import { openTrainingData } from "../src/prepare/training-data.js";
import { builtinRecipe } from "../src/recipe/builtin-recipes.js";
import { parseRecipe, recipeText } from "../src/recipe/parse-recipe.js";
import { openBatches } from "../src/training/training-batches.js";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "eloss-scans-"));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** Six objects around the scanner, with points in each, and some ground. */
function writeScans({ columns = 4, intensity = 1 } = {}): void {
  mkdirSync(join(root, "points"));
  mkdirSync(join(root, "labels"));
  const rng = seededRandom(4);
  for (const id of ["a-1", "b.2"]) {
    const boxes = Array.from({ length: 6 }, (_, i) => {
      const angle = (i * Math.PI) / 3;
      return [12 * Math.cos(angle), 12 * Math.sin(angle), -0.9, 4, 1.8, 1.6, 0];
    });
    const inside = boxes.flatMap(([x, y, z]) =>
      Array.from({ length: 40 }, () => [x + 3 * (rng() - 0.5), y + rng() - 0.5, z + rng() - 0.5]),
    );
    const ground = Array.from({ length: 300 }, () => [40 * rng() - 20, 40 * rng() - 20, -1.7]);
    const rows = [...inside, ...ground].map((place) => [...place, intensity * rng(), 3].slice(0, columns));
    const numbers = Float32Array.from(rows.flat());
    writeFileSync(join(root, "points", `${id}.bin`), new Uint8Array(numbers.buffer));
    writeFileSync(join(root, "labels", `${id}.txt`), boxes.map((box) => `${box.join(" ")} Van\n`).join(""));
  }
}

describe("labels of boxes in space", () => {
  test("by hand, and what is none is refused with its line", () => {
    const [object] = parseBoxLabels("# comment\n\n1 2 3 4 1.5 1.6 0.5 Car\n", "l.txt");
    expect(object).toEqual({ type: "Car", box: Float64Array.of(1, 2, 3, 4, 1.5, 1.6, 0.5) });
    expect(() => parseBoxLabels("1 2 3 4 0 1.6 0.5 Car", "l.txt")).toThrow(
      'l.txt:1: expected a size above 0 for dy of "Car", got 0',
    );
    expect(() => parseBoxLabels("\n1 2 3 Car", "l.txt")).toThrow(
      "l.txt:2: expected x y z dx dy dz yaw class, got 4 words",
    );
    expect(() => parseBoxLabels("1 2 x 4 1 1.6 0.5 Car", "l.txt")).toThrow("expected a number for z");
  });

  test("of SUSTechPOINTS", () => {
    const psr = { position: { x: 1, y: 2, z: 3 }, scale: { x: 4, y: 2, z: 1.5 }, rotation: { x: 0, y: 0.01, z: 1 } };
    const [object] = parseSustechLabels(JSON.stringify([{ obj_type: "Bus", psr, obj_id: "7" }]), "l.json");
    expect(object).toEqual({ type: "Bus", box: Float64Array.of(1, 2, 3, 4, 2, 1.5, 1) });
    const marked = `\ufeff${JSON.stringify([{ obj_type: "Bus", psr }], null, 2).replaceAll("\n", "\r\n")}`;
    expect(parseSustechLabels(marked, "l.json")).toEqual([object]); // as PowerShell writes it
    expect(() => parseSustechLabels('[{"obj_type":"Bus"}]', "l.json")).toThrow("l.json: [0].psr: expected object");
  });
});

describe("a folder of scans", () => {
  test("is read all round, with classes mapped and intensity scaled", async () => {
    writeScans({ columns: 5, intensity: 255 });
    const reading = {
      columns: ["x", "y", "z", "intensity", "ring"],
      intensityMaximum: 255,
      classes: { van: "Car" },
    };
    const data = openDataSource(root, { reading });
    expect(data.ids).toEqual(["a-1", "b.2"]);
    expect(data.part("all").map(({ id }) => id)).toEqual(data.ids);
    expect(() => data.part("train")).toThrow("no ImageSets folder");
    const frame = await data.read("b.2");
    expect(frame.points.length).toBe(4 * 540);
    expect(Math.max(...frame.points.filter((_, i) => i % 4 === 3))).toBeLessThanOrEqual(1);
    expect(
      visibleFrame(frame, { classes: [{ ...builtinRecipe("second-small").detector.classes[0], name: "CAR" }] }).labels,
    ).toHaveLength(6);
    // With four columns the numbers fall out of step.
    await expect(
      openDataSource(root)
        .read("b.2")
        .then(({ points }) => points.length),
    ).resolves.toBe(5 * 540);
  });

  test("without labels is not trained on", async () => {
    writeScans();
    rmSync(join(root, "labels"), { recursive: true });
    await expect(openTrainingData(openDataSource(root), ["a-1"])).rejects.toThrow("expected labels in");
  });

  test("without intensity needs a detector that takes none", async () => {
    writeScans({ columns: 3 });
    const data = openDataSource(root, { reading: { columns: ["x", "y", "z"] } });
    const frame = await data.read("a-1");
    const { detector } = builtinRecipe("second-small");
    expect(() => visibleFrame(frame, detector)).toThrow("expected intensity, as the detector takes it");
    expect(visibleFrame(frame, { ...detector, features: ["x", "y", "z"] }).points.length).toBe(4 * 540);
  });

  test("packed scans (.laz) are read as all others", async () => {
    mkdirSync(join(root, "points"));
    const packed = "../../../packages/point-cloud-io/test/fixtures/sweep-6.laz";
    copyFileSync(new URL(packed, import.meta.url), join(root, "points", "a.laz"));
    const data = openDataSource(root, { labels: false, reading: { intensityMaximum: 65535 } });
    expect(data.ids).toEqual(["a"]);
    const { points } = await data.read("a");
    const ranges = Array.from({ length: points.length / 4 }, (_, i) => Math.hypot(points[4 * i], points[4 * i + 1]));
    expect(ranges).toHaveLength(80); // of a sensor with walls 4 to 12 m around it
    expect(ranges.every((range) => range > 3.9 && range < 12.1)).toBe(true);
  });

  test("may have names as long as a file system takes, in any script", async () => {
    writeScans();
    const id = "街".repeat(70); // 210 of 255 bytes
    for (const [folder, ending] of [
      ["points", "bin"],
      ["labels", "txt"],
    ])
      renameSync(join(root, folder, `a-1.${ending}`), join(root, folder, `${id}.${ending}`));
    expect((await openTrainingData(openDataSource(root), ["b.2", id])).objects).toEqual({ Van: 12 });
    expect(fileNameOf(id)).toBe(id);
    expect(fileNameOf("100%/a:b\t")).toBe("100%25%2Fa%3Ab%09");
  });

  test("points that are not finite are left out and counted", async () => {
    writeScans();
    const path = join(root, "points", "a-1.bin");
    const numbers = new Float32Array(new Uint8Array(readFileSync(path)).buffer);
    numbers[4 * 7 + 1] = Number.NaN;
    writeFileSync(path, new Uint8Array(numbers.buffer));
    const data = openDataSource(root);
    expect((await data.read("a-1")).points.length).toBe(4 * 539);
    const { record } = await examineFrame(data, "a-1");
    expect(record).toMatchObject({ points: 539, dropped: 1 });
    expect((await examineFrame(data, "b.2")).record).not.toHaveProperty("dropped");
  });

  test("another reading has an index of its own", () => {
    expect(indexFolderOf(root)).toBe(join(root, ".eloss"));
    expect(indexFolderOf(root, undefined, { view: "full" })).not.toBe(indexFolderOf(root));
  });

  test("is surveyed, configured and made into batches", async () => {
    writeScans({ columns: 3 });
    const reading = { columns: ["x", "y", "z"] };
    const data = openDataSource(root, { reading });
    const survey = await surveyData(data, data.ids);
    const base = builtinRecipe("second-small");
    const { recipe } = proposeRecipe({ name: "mine", base, survey, reading });
    expect(parseRecipe(recipeText(recipe), "mine.yaml")).toEqual(recipe);
    expect(recipe.detector.classes).toEqual([
      { name: "Van", anchorSize: [4, 1.8, 1.6], anchorBottom: -1.7, positiveIou: 0.6, negativeIou: 0.45 },
    ]);
    expect(recipe.detector.features).toEqual(["x", "y", "z"]);
    expect(recipe.data).toEqual({ columns: ["x", "y", "z"], view: "full" });
    expect(recipe.detector.pointRange[0]).toBeLessThanOrEqual(-14);
    const { frames, indexFolder, objects } = await openTrainingData(data, data.ids);
    expect(objects).toEqual({ Van: 12 });
    const { detector: config, augmentation } = recipe;
    const origin = { data: root, reading: recipe.data, frames, config, augmentation, seed: 0, indexFolder };
    await openTrainingData(openDataSource(root, { reading: recipe.data }), frames);
    const load = await openBatches({ ...origin, indexFolder: indexFolderOf(root, undefined, recipe.data) });
    const { targets } = await load({ ids: frames, epoch: 0 });
    expect(targets).toHaveLength(2);
    expect(() => proposeRecipe({ name: "m", base, survey, reading, classes: ["Bus"] })).toThrow(
      "--classes: expected classes of objects with 5 points or more, got Bus; found 12 Van",
    );
  });
});

test("an object that only the rest of the scan shows is none for a detector", () => {
  // A camera that looks along the LiDAR's x.
  const calibration = {
    p2: Float64Array.of(700, 0, 621, 0, 0, 700, 187, 0, 0, 0, 1, 0),
    r0Rect: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
    veloToCam: Float64Array.of(0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0),
  };
  const box = (x: number) => Float64Array.of(x, 0, 0, 4, 2, 2, 0);
  const objects = [10, -10, 30].map((x) => ({ type: "Car", box: box(x) }));
  const frame = {
    id: "f",
    points: Float32Array.of(10, 0, 0, 0, -10, 0, 0, 0),
    objects,
    view: { calibration: calibration as never, imageSize: { width: 1242, height: 375 } },
  };
  expect(hiddenObjects(frame)).toEqual([objects[1]]);
  const { classes } = builtinRecipe("second-small").detector;
  // The one ahead, and the one that nobody sees a point of.
  expect([...visibleFrame(frame, { classes }).boxes].filter((_, i) => i % 7 === 0)).toEqual([10, 30]);
  expect([...visibleFrame({ ...frame, allRound: true }, { classes }).boxes]).toHaveLength(21);
});
