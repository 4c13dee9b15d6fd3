import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeSimulatedDataset } from "kitti-sim";
import { readPretrained } from "second-weights";
import { expectPrinted, findExample, temporaryFolder } from "test-support";
import { expect, test } from "vitest";
import { onnxDetector } from "../src/index.js";

const folder = dirname(import.meta.dirname);
const elsewhere = temporaryFolder("deploy-docs");

test("docs/deploy.md: the example for Node prints what the page says", async () => {
  const page = readFileSync(join(folder, "..", "..", "docs", "deploy.md"), "utf8");
  const { code, output } = findExample(page.slice(page.indexOf("## ONNX Runtime from Node")));
  // What the commands before it make.
  const streets = join(elsewhere, "streets");
  await writeSimulatedDataset(streets, { train: 1, val: 1, seed: 7, field: "camera", workers: 0 });
  const { weights, config, card } = readPretrained("pointpillars-small");
  const notes = { description: card.description, licence: card.license };
  writeFileSync(join(elsewhere, "pointpillars.onnx"), onnxDetector(weights, config, notes).bytes);
  // Modules are found from the package's folder.
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module"], {
    cwd: folder,
    input: `process.chdir(${JSON.stringify(elsewhere)});\n${code}`,
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  expectPrinted(stdout, output);
});
