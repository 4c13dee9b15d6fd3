import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describeUnless, goldenMissing, goldenPath } from "test-support";
import { describe, expect, it } from "vitest";
import { evaluateKitti } from "../src/index.js";
import { expectEvaluation } from "./expect-evaluation.js";
import { framesOf, objectsOf } from "./text-frames.js";

/** Copies of the small made sets, so that they are checked on every machine; see fixtures/README.md. */
const fixtures = join(import.meta.dirname, "fixtures", "devkit");
interface PackedSet {
  labels: Record<string, string>;
  detections: Record<string, string>;
  expected: Parameters<typeof expectEvaluation>[1];
}

describe("packed devkit results", () => {
  const names = readdirSync(fixtures).filter((name) => name.endsWith(".json"));
  it("has all cases", () => expect(names.length).toBe(38));
  it.each(names)("%s", (name) => {
    const set = JSON.parse(readFileSync(join(fixtures, name), "utf8")) as PackedSet;
    const ids = Object.keys(set.detections).sort();
    const groundTruth = ids.map((id) => objectsOf(set.labels[id]));
    const detections = ids.map((id) => objectsOf(set.detections[id]));
    expectEvaluation(evaluateKitti(groundTruth, detections), set.expected);
  });
});

const root = goldenPath("golden/kitti-eval");
describeUnless(goldenMissing("golden/kitti-eval"), "devkit results", () => {
  const isFolder = (name: string) => statSync(join(root ?? "", "edge", name)).isDirectory();
  const cases = root === undefined ? [] : readdirSync(join(root, "edge")).filter(isFolder);
  it.each(["real", "synth-small", "synth-no-alpha", "crowd", ...cases.map((name) => `edge/${name}`)])("%s", (name) => {
    const dir = join(root ?? "", name);
    const { groundTruth, detections } = framesOf(dir);
    const expected = JSON.parse(readFileSync(join(dir, "expected.json"), "utf8"));
    expectEvaluation(evaluateKitti(groundTruth, detections), expected);
  });
});
