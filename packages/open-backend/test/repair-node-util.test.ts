import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { repairNodeUtil } from "../src/repair-node-util.js";

test("what is gone comes back, and nothing that is there is replaced", () => {
  const isArray = () => "its own";
  const target: Record<string, unknown> = { isArray };
  repairNodeUtil(target);
  const isNullOrUndefined = target.isNullOrUndefined as (value: unknown) => boolean;
  expect([null, undefined, 0, "", false].map(isNullOrUndefined)).toEqual([true, true, false, false, false]);
  expect(target.isArray).toBe(isArray);
  expect(Object.keys(target)).toEqual(["isArray"]);
});

test("a CommonJS package sees it on its util", () => {
  repairNodeUtil();
  const util = createRequire(import.meta.url)("util");
  expect(util.isNullOrUndefined(undefined)).toBe(true);
});
