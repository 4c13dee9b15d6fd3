import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

const script = new URL("../../../scripts/render-results.mjs", import.meta.url).pathname;

it("the pages of docs show what docs/results/*.json hold", () => {
  const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});
