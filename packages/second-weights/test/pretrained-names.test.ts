import { readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { builtinConfig, isBuiltinConfigName } from "second-detector";
import { expect, it } from "vitest";
import { type PretrainedName, pretrainedNames, pretrainedUrl, readPretrained } from "../src/index.js";

it("has a file for each name and no other", () => {
  const folder = fileURLToPath(new URL(".", pretrainedUrl(pretrainedNames[0])));
  expect(readdirSync(folder).sort()).toEqual(pretrainedNames.map((name) => `${name}.safetensors`).sort());
  expect(() => pretrainedUrl("second" as PretrainedName)).toThrow(
    `pretrainedUrl: expected one of ${pretrainedNames.join(", ")} for name, got second`,
  );
});

it.each(pretrainedNames)("%s is small, works where it says, and its card says how well", (name) => {
  expect(statSync(fileURLToPath(pretrainedUrl(name))).size).toBeLessThan(8_000_000);
  const { config, card } = readPretrained(name);
  const { pointRange, maxVoxels } = config;
  const allRound = name.endsWith("-full");
  const recipe = name.replace("-full", "");
  if (!isBuiltinConfigName(recipe))
    throw new Error(`expected a detector that comes with second-detector, got ${recipe}`);
  expect(config).toEqual({ ...builtinConfig(recipe), pointRange, maxVoxels });
  expect(pointRange).toEqual(allRound ? [-51.2, -51.2, -3, 51.2, 51.2, 1] : [0, -40, -3, 70.4, 40, 1]);
  expect(card.command).toContain(`--config ${recipe} ${allRound ? "--view full --init-weights " : "--train "}`);
  const found = Object.entries(card.validation.averages).map(([key, average]) => [key.toLowerCase(), average.found]);
  for (const [key, least] of Object.entries(LEAST[name])) expect(Object.fromEntries(found)[key]).toBeGreaterThan(least);
});

/** What each finds at least on other streets: 3D AP, %. */
const LEAST: Record<PretrainedName, Readonly<Record<"car" | "pedestrian" | "cyclist", number>>> = {
  "second-small": { car: 88, pedestrian: 92, cyclist: 92 },
  "second-small-full": { car: 40, pedestrian: 40, cyclist: 10 },
  "pointpillars-small": { car: 45, pedestrian: 45, cyclist: 60 },
  "pointnet-small": { car: 30, pedestrian: 35, cyclist: 75 },
};
