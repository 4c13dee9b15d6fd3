import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const script = fileURLToPath(new URL("../../../scripts/render-results.mjs", import.meta.url));
const folder = new URL("../../../docs/results/", import.meta.url);

it("the pages of docs show what docs/results/*.json hold", () => {
  const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

it.each(readdirSync(folder))("docs/results/%s names no folder of the machine that made it", (name) => {
  expect(readFileSync(new URL(name, folder), "utf8")).not.toMatch(/[ "](\/|[A-Z]:\\)\w/);
});
