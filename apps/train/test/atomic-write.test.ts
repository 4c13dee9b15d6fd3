import { execFileSync } from "node:child_process";
import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "test-support";
import { describe, expect, it } from "vitest";
import { writeFileAtomic } from "../src/system/atomic-write.js";

describe("a file is written whole", () => {
  it("and nothing is left beside it, in a folder made for it", () => {
    const folder = join(temporaryFolder("atomic"), "new");
    for (const content of ["first", "second"]) writeFileAtomic(join(folder, "page.html"), content);
    expect(readdirSync(folder)).toEqual(["page.html"]);
    expect(readFileSync(join(folder, "page.html"), "utf8")).toBe("second");
  });

  it("where a symbolic link points to", () => {
    const folder = temporaryFolder("atomic");
    mkdirSync(join(folder, "share"));
    writeFileSync(join(folder, "share", "page.html"), "old");
    symlinkSync("share/page.html", join(folder, "page.html"));
    writeFileAtomic(join(folder, "page.html"), "new");
    expect(lstatSync(join(folder, "page.html")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, "share", "page.html"), "utf8")).toBe("new");
    expect(readdirSync(join(folder, "share"))).toEqual(["page.html"]);
  });

  it("or the error names it and what is wrong", () => {
    const folder = temporaryFolder("atomic");
    expect(() => writeFileAtomic(folder, "")).toThrow(`cannot write ${folder}: EISDIR`);
    const long = join(folder, "x".repeat(300));
    expect(() => writeFileAtomic(long, "")).toThrow(`cannot write ${long}: ENAMETOOLONG`);
    writeFileSync(join(folder, "file"), "");
    expect(() => writeFileAtomic(join(folder, "file", "page.html"), "")).toThrow(/^cannot write .*page.html: E/);
  });
});

it.skipIf(process.platform === "win32")("a pipe stays a pipe, and its reader gets the content", () => {
  const folder = temporaryFolder("pipe");
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  const bothEnds = openSync(pipe, "r+");
  try {
    writeFileAtomic(pipe, "content");
    const read = Buffer.alloc(100);
    expect(read.toString("utf8", 0, readSync(bothEnds, read))).toBe("content");
    expect(lstatSync(pipe).isFIFO()).toBe(true);
    expect(readdirSync(folder)).toEqual(["pipe"]);
  } finally {
    closeSync(bothEnds);
  }
});
