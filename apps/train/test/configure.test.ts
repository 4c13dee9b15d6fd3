import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type DetectorConfig, headMapSize } from "second-detector";
import { seededRandom } from "test-support";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { configureCommand } from "../src/commands/configure.js";
import { shellWord } from "../src/commands/shell-word.js";
import { anchorOf, chooseClasses } from "../src/configure/choose-classes.js";
import { chooseGrid, countVoxels, isInRange } from "../src/configure/choose-range.js";
import { chooseTraining } from "../src/configure/choose-training.js";
import { fittingWeights } from "../src/configure/fitting-weights.js";
import { proposeRecipe, readingOf } from "../src/configure/propose-recipe.js";
import { quantile } from "../src/configure/quantile.js";
import { nameOfData, type Survey, type SurveyedObject } from "../src/configure/survey.js";
import { builtinRecipe } from "../src/recipe/builtin-recipes.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { parseRecipe, recipeText } from "../src/recipe/parse-recipe.js";

const base = builtinRecipe("second-small");

function object(type: string, box: readonly number[], { points = 20, label = type } = {}): SurveyedObject {
  return { type, label, points, box: Float64Array.from(box) };
}

function many(count: number, type: string, points = 20): SurveyedObject[] {
  return Array.from({ length: count }, (_, i) => object(type, [10 + 3 * i, -5, 0, 4, 2, 1.5, 0], { points }));
}

function surveyOf(objects: readonly SurveyedObject[], { frames = 2, withCamera = false } = {}): Survey {
  const scans = [{ id: "a", points: Float32Array.of(10, -5, 0, 0.5), objects }];
  return { frames, objects, scans, largestIntensity: 0.9, withoutIntensity: false, withCamera, doubts: [] };
}

const namesOf = (groups: readonly { readonly name: string }[]) => groups.map(({ name }) => name);

describe("classes", () => {
  it("are those with three objects that a scan shows, the most frequent first, whatever the case of their letters", () => {
    const objects = [...many(3, "Cone"), ...many(2, "car"), ...many(2, "CAR"), ...many(2, "Bus"), ...many(9, "Far", 4)];
    const { chosen, leftOut } = chooseClasses(surveyOf(objects), undefined);
    expect(chosen.map(({ name, labels, labelled }) => [name, labels, labelled])).toEqual([
      ["car", ["car", "CAR"], 4],
      ["Cone", ["Cone"], 3],
    ]);
    expect(leftOut.map(({ name, labelled, seen }) => [name, labelled, seen.length])).toEqual([
      ["Bus", 2, 2],
      ["Far", 9, 0],
    ]);
  });

  it("are rarer than one in twenty frames only when asked for, or when there are no others", () => {
    const objects = [...many(12, "Car"), ...many(9, "Bus")];
    expect(namesOf(chooseClasses(surveyOf(objects, { frames: 200 }), undefined).chosen)).toEqual(["Car"]);
    expect(namesOf(chooseClasses(surveyOf(objects, { frames: 200 }), ["bus", "Car"]).chosen)).toEqual(["Bus", "Car"]);
    expect(namesOf(chooseClasses(surveyOf(objects, { frames: 999 }), undefined).chosen)).toEqual(["Car", "Bus"]);
    expect(() => chooseClasses(surveyOf(objects), ["Tram"])).toThrow("got Tram; found 12 Car, 9 Bus");
    expect(() => chooseClasses(surveyOf(many(3, "Car", 4)), undefined)).toThrow("found none among 3 objects");
  });

  it("begin with the median of their boxes, and long ones need more overlap", () => {
    const boxes = [3, 5, 4].map((length) => object("Car", [0, 0, 0.1 * length, length, 2, 1, 0]));
    const [group] = chooseClasses(surveyOf(boxes), undefined).chosen;
    // lower faces at -0.2, 0 and -0.1
    const long = { anchorSize: [4, 2, 1], anchorBottom: -0.1, positiveIou: 0.6, negativeIou: 0.45 };
    expect(anchorOf(group)).toEqual({ name: "Car", ...long });
    const short = boxes.map(({ box }) => object("Dog", [...box.slice(0, 3), 1, 0.5, 0.5, 0]));
    expect(anchorOf(chooseClasses(surveyOf(short), undefined).chosen[0])).toMatchObject({ positiveIou: 0.35 });
  });

  it("quantile takes one of the values", () => {
    expect([0, 0.5, 0.98, 1].map((share) => quantile([30, 10, 20], share))).toEqual([10, 20, 30, 30]);
  });
});

describe("the range", () => {
  it("ends at cells of the coarsest map, with voxels as high as the base has where objects stand in a plain", () => {
    const objects = [object("Car", [-10, 5, -1, 4, 2, 1.6, 0]), object("Car", [30, 7, -1, 4, 2, 1.6, 0])];
    const { pointRange, voxelSize } = chooseGrid(objects, base.detector);
    // cells of 0.8 m; from -12 and 3 to 32 and 9; heights of -1.8 and -0.2 in the middle of 4 m
    expect(pointRange).toEqual([-12, 2.4, -3, 32, 9.6, 1]);
    expect(voxelSize).toEqual(base.detector.voxelSize);
  });

  it("has higher voxels, and no more of them, where a street rises: the same network", () => {
    const objects = [object("Car", [-10, 5, -4, 4, 2, 1.6, 0]), object("Car", [30, 7, 2, 4, 2, 1.6, 0])];
    const grid = chooseGrid(objects, base.detector);
    expect(grid.voxelSize).toEqual([0.1, 0.1, 0.4]); // 7.6 m and a little air in 20 levels
    expect([grid.pointRange[2], grid.pointRange[5]]).toEqual([-5, 3]);
    expect(fittingWeights({ ...base.detector, ...grid })).toBe("second-small-full");
  });

  it.each([1, 2, 3, 4, 5])("makes a recipe that can be trained, with most objects in it: seed %i", (seed) => {
    const rng = seededRandom(seed);
    const [spread, slope] = [5 + 90 * rng(), 6 * rng()];
    const objects = Array.from({ length: 60 }, () => {
      const [x, y] = [spread * (2 * rng() - 1), spread * (2 * rng() - 1)];
      return object("Car", [x, y, (slope * x) / spread, 1 + 9 * rng(), 1 + rng(), 1 + 2 * rng(), 6 * rng()]);
    });
    const { recipe } = proposeRecipe({ name: "any", base, survey: surveyOf(objects), reading: {} });
    expect(parseRecipe(recipeText(recipe), "any.yaml")).toEqual(recipe);
    const reached = objects.filter(({ box }) => Math.max(Math.abs(box[0]), Math.abs(box[1])) < 76);
    const inside = reached.filter((each) => isInRange(each, recipe.detector.pointRange));
    expect(inside.length).toBeGreaterThanOrEqual(0.95 * reached.length);
    expect(recipe.data).toEqual({ view: "full" });
    expect(fittingWeights(recipe.detector)).toBe("second-small-full");
  });

  it("that reaches behind the sensor by half an object's length does not make a camera's data whole scans", () => {
    // Ahead of the sensor, as all that a camera sees; half of the trucks' 14 m reaches from the nearest car's place to x < 0.
    const trucks = [40, 50].map((x) => object("Car", [x, 2, 0, 14, 2, 3, 0]));
    const survey = surveyOf([...many(30, "Car"), object("Car", [4, 2, 0, 4, 2, 1.5, 0]), ...trucks], {
      frames: 200,
      withCamera: true,
    });
    const { recipe } = proposeRecipe({ name: "any", base, survey, reading: {} });
    expect(recipe.detector.pointRange[0]).toBeLessThan(0);
    expect(recipe.data).toBeUndefined();
    expect(recipe.augmentation?.scene).toEqual(base.augmentation?.scene);
  });

  it("has intensities up to 1, also where the base has divided them", () => {
    const scaled = (largestIntensity: number, reading = {}) =>
      readingOf({ ...surveyOf(many(3, "Car"), { withCamera: true }), largestIntensity }, reading);
    expect(scaled(200)).toEqual({ intensityMaximum: 255 });
    expect(scaled(0.5, { intensityMaximum: 100 })).toEqual({ intensityMaximum: 100 });
    expect(scaled(2, { intensityMaximum: 100 })).toEqual({ intensityMaximum: 200 });
  });

  it("holds objects, or there is no proposal; that it holds few of a class is said first", () => {
    const at = (x: number, count: number) =>
      Array.from({ length: count }, (_, i) => object("Car", [x, i, 0, 4, 2, 1.5, 0]));
    const propose = (objects: readonly SurveyedObject[]) =>
      proposeRecipe({ name: "any", base, survey: surveyOf(objects), reading: {} });
    for (const x of [90, -1200]) {
      const small = Array.from({ length: 4 }, (_, i) => object("Dog", [x, i, 0, 0.5, 0.3, 0.5, 0]));
      expect(() => propose([...at(x, 5), ...small])).toThrow(
        "expected labelled objects up to 76.8 m ahead and aside, got none among 9 with 5 points or more, " +
          `the nearest at ${Math.abs(x)}.0 m; scans and labels have to be in metres`,
      );
    }
    expect(propose([...at(10, 5), ...at(90, 4)]).doubts).toEqual([]);
    expect(propose([...at(10, 3), ...at(90, 5)]).doubts).toEqual([
      "doubtful: 3 of 8 Car are in the range, which reaches 76.8 m ahead and aside at most: are scans and labels in metres?",
    ]);
  });

  it("may lie ahead where there is no camera: whole scans count, and nobody asks for a calibration", () => {
    expect(readingOf(surveyOf(many(3, "Car")), {})).toEqual({ view: "full" });
    expect(readingOf(surveyOf(many(3, "Car"), { withCamera: true }), {})).toEqual({});
  });

  it("counts the voxels with a point", () => {
    const grid = { pointRange: [0, 0, 0, 2, 2, 2] as const, voxelSize: [1, 1, 1] as const };
    const scan = Float32Array.of(0.5, 0.5, 0.5, 0, 0.6, 0.5, 0.5, 0, 1.5, 0.5, 0.5, 0, 2, 0.5, 0.5, 0, -0.1, 0, 0, 0);
    expect(countVoxels(scan, grid)).toBe(2);
  });
});

describe("the training", () => {
  const choose = (frames: number, allRound = true) => chooseTraining({ base, frames, groups: [], allRound });

  it.each([
    [1, 6, 240],
    [3, 2, 240],
    [5, 2, 400],
    [19, undefined, 760],
  ])("of %i frames repeats them %s times in 40 epochs, unchanged", (frames, repeats, steps) => {
    const { training, augmentation, steps: all } = choose(frames);
    expect([training.epochs, training.repeats, all, augmentation]).toEqual([40, repeats, steps, undefined]);
  });

  it("of more frames has the base's changes, and full turns where it is long enough to learn them", () => {
    const { training, augmentation } = choose(20);
    expect([training.epochs, training.repeats]).toEqual([30, undefined]);
    expect(augmentation?.scene).toEqual(base.augmentation?.scene);
    expect(choose(200).augmentation?.scene?.rotation).toBe(Math.PI);
    expect(choose(200).training.epochs).toBe(base.training.epochs);
    expect(choose(200, false).augmentation?.scene).toEqual(base.augmentation?.scene);
  });

  it("begins with published weights where the network is theirs", () => {
    const { detector } = base;
    expect(fittingWeights({ ...detector, features: ["x", "y", "z"] })).toBeUndefined();
    expect(fittingWeights({ ...detector, classes: detector.classes.slice(1) })).toBe("second-small");
    expect(fittingWeights(builtinRecipe("second-mini").detector)).toBeUndefined();
  });
});

describe("eloss configure", () => {
  const tiny = new URL("./fixtures/tiny.yaml", import.meta.url).pathname;
  let root: string;
  const data = () => join(root, "street 7");
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "eloss-configure-"));
    mkdirSync(join(data(), "points"), { recursive: true });
    mkdirSync(join(data(), "labels"));
    const rng = seededRandom(4);
    const places = Array.from({ length: 8 }, (_, i) => [9 * Math.cos(i), 9 * Math.sin(i), -0.9]);
    const points = places.flatMap(([x, y, z]) =>
      Array.from({ length: 30 }, () => [x + rng() - 0.5, y + rng() - 0.5, z + rng() - 0.5, rng()]),
    );
    writeFileSync(join(data(), "points/1.bin"), new Uint8Array(Float32Array.from(points.flat()).buffer));
    const line = ([x, y, z]: number[], i: number) =>
      `${x} ${y} ${z} 4 1.8 1.6 0 ${["CAR", "Van", "bus", "Bus"][i % 4]}\n`;
    writeFileSync(join(data(), "labels/1.txt"), places.map(line).join(""));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  /** Standard output, and what was thrown. */
  async function configure(...words: string[]): Promise<string> {
    const said = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const told = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    try {
      await configureCommand()
        .exitOverride()
        .parseAsync([data(), "--base", tiny, ...words], { from: "user" });
      return said.mock.calls.map(([text]) => text).join("");
    } finally {
      said.mockRestore();
      told.mockRestore();
    }
  }

  it("writes a recipe and a page, says why, what it costs and what to do next", async () => {
    const out = join(root, "mine.yaml");
    const document = JSON.parse(await configure("--map", "Van=Car,BUS=Coach", "--out", out, "--json"));
    const recipe = openRecipe(out);
    expect(document).toMatchObject({ file: out, page: join(root, "mine.html"), recipe });
    expect(recipe.detector.classes.map(({ name }: { name: string }) => name)).toEqual(["CAR", "Coach"]);
    expect(recipe.data).toEqual({ view: "full", classes: { Van: "Car", BUS: "Coach" } });
    expect(recipe.training).toMatchObject({ epochs: 40, repeats: 6 });
    const reasons = new Map(document.reasons.map(([key, ...rest]: string[]) => [key, rest]));
    expect(reasons.get("class CAR")).toEqual(["4 labelled, 4 with 5 points or more", "labels CAR, Van"]);
    expect(reasons.get("begin with")).toEqual(["random numbers", "no published weights have this network"]);
    expect(document.doubts).toEqual([]);
    expect(document.stepSeconds).toBeGreaterThan(0);
    expect(document.residentBytes).toBeGreaterThan(2 ** 26);
    expect(document.commands[0]).toBe(`eloss train --data ${shellWord(data())} --split all --config ${out}`);
    expect(document.commands[2]).toBe(`eloss view ${shellWord(data())} 1 --run runs/street-7-seed0`);
    const page = readFileSync(document.page, "utf8");
    const shown = JSON.parse(/id="page-data">(.*?)<\/script>/s.exec(page)![1]);
    const { width } = headMapSize(recipe.detector as DetectorConfig);
    expect(shown.cell[0]).toBeCloseTo((recipe.detector.pointRange[3] - recipe.detector.pointRange[0]) / width, 9);
    expect(shown.frames[0].points.count).toBe(240);
    expect(shown.classes.map(({ name, inRange }: { name: string; inRange: number }) => [name, inRange])).toEqual([
      ["CAR", 4],
      ["Coach", 4],
    ]);
    await expect(configure("--out", out)).rejects.toThrow(`expected new files, found ${out}`);
  });

  it("says before it reads the data that its files cannot be written", async () => {
    const out = join(tiny, "mine.yaml");
    await expect(configure("--out", out, "--classes", "Tram")).rejects.toThrow(`cannot write ${out}: `);
  });

  it("reads the data as the base does", async () => {
    const changes = ["data.intensityMaximum=2", "data.classes.Van=Car", "data.imageSize=[100, 50]"];
    const set = changes.flatMap((change) => ["--set", change]);
    const { recipe } = JSON.parse(
      await configure(...set, "--map", "bus=Coach", "--out", join(root, "b.yaml"), "--json"),
    );
    expect(recipe.detector.classes.map(({ name }: { name: string }) => name)).toEqual(["CAR", "Coach"]);
    expect(recipe.data).toEqual({
      view: "full",
      intensityMaximum: 2,
      imageSize: [100, 50],
      classes: { Van: "Car", bus: "Coach" },
    });
  });

  it("names a recipe as the folder is called, also where that is not what is written, in any script", () => {
    const cases = [".", "..", "../street 7/", "数据", "/"].map((path) =>
      nameOfData({ root: resolve("/data/a b", path) }),
    );
    expect(cases).toEqual(["a-b", "data", "street-7", "数据", "data"]);
    expect(nameOfData({ root: "." })).toBe(nameOfData({ root: process.cwd() }));
    expect(nameOfData({ root: `/${"long".repeat(50)}` })).toHaveLength(100);
  });

  it("says what is doubtful in a scan, how many of its points are no numbers, and names without what steers a terminal", async () => {
    const rows = [
      [2e4, 3, -1, 200],
      [Number.NaN, 3, -1, 20],
      ...Array.from({ length: 40 }, (_, i) => [i, i % 7, -1.5, 200]),
    ];
    writeFileSync(join(data(), "points/2.bin"), new Uint8Array(Float32Array.from(rows.flat()).buffer));
    writeFileSync(join(data(), "labels/2.txt"), "1 0 -1 4 2 2 0 \u001b[2JVan\n");
    try {
      const text = await configure("--columns", "x,y,z,intensity", "--out", join(root, "odd.yaml"));
      expect(text).not.toContain("\u001b");
      expect(text).toContain(" of 1 \\u001b[2JVan");
      const lines = text.split("\n");
      const first = lines.findIndex((line) => line.startsWith("doubtful"));
      expect(lines.slice(first, first + 3)).toEqual([
        expect.stringMatching(/^doubtful, frame 2: .*x = 20000 m/),
        expect.stringContaining("look at the page"),
        "1 point is left out: a number of its is not finite",
      ]);
    } finally {
      rmSync(join(data(), "points/2.bin"));
      rmSync(join(data(), "labels/2.txt"));
    }
  });

  it("leaves nothing behind when it fails", async () => {
    const before = readdirSync(root);
    const out = join(root, "other.yaml");
    await expect(configure("--out", out, "--classes", "Tram")).rejects.toThrow("--classes: expected classes");
    await expect(configure("--out", out, "--split", "missing")).rejects.toThrow("ImageSets");
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(root)).toEqual(before);
  });
});
