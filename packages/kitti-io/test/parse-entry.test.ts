import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as whole from "../src/index.js";
import * as pure from "../src/parse.js";

it("kitti-io/parse has every function of the package that neither reads nor writes a file", () => {
  const names = Object.keys(whole).filter(
    (name) => !/^(read|write|openDataset)|^MAX_FILE_BYTES$|^parseImageSet$/.test(name),
  );
  expect(Object.keys(pure).sort()).toEqual(names.sort());
});

it.each(["parse.js", "parse.cjs"])("%s asks for no module, Node's or another's", (name) => {
  const text = readFileSync(new URL(`../dist/${name}`, import.meta.url), "utf8");
  expect(text).not.toMatch(/^import |\bfrom "|require\(/m);
});
