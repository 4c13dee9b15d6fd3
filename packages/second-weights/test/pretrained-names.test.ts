import { readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { builtinConfig } from "second-detector";
import { expect, it } from "vitest";
import { type PretrainedName, pretrainedNames, pretrainedUrl, readPretrained } from "../src/index.js";

it("has a file for each name and no other", () => {
  const folder = fileURLToPath(new URL(".", pretrainedUrl(pretrainedNames[0])));
  expect(readdirSync(folder).sort()).toEqual(pretrainedNames.map((name) => `${name}.safetensors`).sort());
  expect(() => pretrainedUrl("second" as PretrainedName)).toThrow(
    "pretrainedUrl: expected one of second-small for name, got second",
  );
});

it.each(pretrainedNames)("%s is small, works on KITTI's whole range, and its card says how well", (name) => {
  expect(statSync(fileURLToPath(pretrainedUrl(name))).size).toBeLessThan(8_000_000);
  const { config, card } = readPretrained(name);
  const { pointRange, maxVoxels } = config;
  expect(config).toEqual({ ...builtinConfig(name), pointRange, maxVoxels });
  expect(pointRange).toEqual([0, -40, -3, 70.4, 40, 1]);
  expect(card.command).toContain(`--config ${name} `);
  for (const { found, perfect } of Object.values(card.validation.averages)) {
    expect(found).toBeGreaterThan(60);
    expect(perfect).toBe(100);
  }
});
