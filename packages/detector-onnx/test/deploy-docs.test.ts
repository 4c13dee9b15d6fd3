import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeSimulatedDataset } from "kitti-sim";
import { readPretrained } from "second-weights";
import { expectExample, findExample, temporaryFolder } from "test-support";
import { test } from "vitest";
import { onnxDetector } from "../src/index.js";

const folder = dirname(import.meta.dirname);
const files = temporaryFolder("deploy-docs");

test("docs/deploy.md: the example for Node prints what the page says", async () => {
  const page = readFileSync(join(folder, "..", "..", "docs", "deploy.md"), "utf8");
  const example = findExample(page.slice(page.indexOf("## ONNX Runtime from Node")));
  // What the commands before it make.
  const streets = join(files, "streets");
  await writeSimulatedDataset(streets, { train: 1, val: 1, seed: 7, field: "camera", workers: 0 });
  const { weights, config, card } = readPretrained("pointpillars-small");
  const notes = { description: card.description, licence: card.license };
  writeFileSync(join(files, "pointpillars.onnx"), onnxDetector(weights, config, notes).bytes);
  expectExample(example, { modules: folder, files });
});
