import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "test-support";
import { describe, expect, it } from "vitest";
import { explainCommand } from "../src/commands/explain.js";
import { requireWritable } from "../src/commands/require-writable.js";
import { viewCommand } from "../src/commands/view.js";

const root = temporaryFolder("eloss-writable");
const file = join(root, "file");
writeFileSync(file, "before");

describe("requireWritable", () => {
  it("takes new files, also of folders that are to be made, old ones and devices, and makes none", () => {
    symlinkSync("nowhere", join(root, "link"));
    for (const path of [file, join(root, "page.html"), join(root, "a", "b", "page.html"), join(root, "link")]) {
      requireWritable(path);
    }
    if (process.platform !== "win32") requireWritable("/dev/null");
    expect(readdirSync(root).sort()).toEqual(["file", "link"]);
  });

  it("names what cannot be written, and why", () => {
    expect(() => requireWritable(root)).toThrow(`cannot write ${root}: it is a folder`);
    const below = join(file, "page.html");
    expect(() => requireWritable(below)).toThrow(/^cannot write .*page.html: (ENOTDIR|.* is no folder)/);
    const long = join(root, "x".repeat(300));
    expect(() => requireWritable(long)).toThrow(`cannot write ${long}: ENAMETOOLONG`);
  });

  it.skipIf(process.platform === "win32" || process.getuid?.() === 0)("knows whose the folder is", () => {
    const closed = join(root, "closed");
    mkdirSync(closed);
    chmodSync(closed, 0o555);
    expect(() => requireWritable(join(closed, "page.html"))).toThrow("EACCES");
  });
});

it.each([
  ["explain", () => explainCommand(), ["--pretrained", "second-small", "missing.bin"]],
  ["view", () => viewCommand(), ["missing", "000001"]],
])("%s finds out before its work", async (_, command, words) => {
  const out = join(file, "page.html");
  await expect(command().parseAsync([...words, "--out", out], { from: "user" })).rejects.toThrow(
    `cannot write ${out}: `,
  );
});
