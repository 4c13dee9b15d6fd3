import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { expectPrinted, findExample, testReadmeExample } from "test-support";
import { expect, it } from "vitest";

const folder = dirname(import.meta.dirname);

testReadmeExample(folder);

it("the example on ties prints what the README says", () => {
  const readme = readFileSync(`${folder}/README.md`, "utf8");
  const { code, output } = findExample(readme.slice(readme.indexOf("**Ties.**")));
  const run = spawnSync(process.execPath, ["--input-type=module"], { cwd: folder, input: code, encoding: "utf8" });
  expect(run.status, run.stderr).toBe(0);
  expectPrinted(run.stdout, output);
});
