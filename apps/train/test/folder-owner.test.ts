import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OWNER_FILE, ownFolder } from "../src/system/folder-owner.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "eloss-owner-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = () => join(folder, OWNER_FILE);
const leave = (owner: object) => writeFileSync(path(), JSON.stringify(owner));
const owner = {
  pid: 2 ** 22 + 1,
  born: "1",
  host: hostname(),
  started: "2026-01-01",
  command: "eloss train",
  token: "t",
};

describe("ownFolder", () => {
  it("makes the folder, and leaves nothing behind", () => {
    const inner = join(folder, "a", "b");
    const { release } = ownFolder(inner);
    expect(readdirSync(inner)).toEqual([OWNER_FILE]);
    release();
    release();
    expect(readdirSync(inner)).toEqual([]);
  });

  it("tells a second who is at work, since when and with what", () => {
    const first = ownFolder(folder);
    const { started } = JSON.parse(readFileSync(path(), "utf8"));
    expect(() => ownFolder(folder)).toThrow(
      `${folder}: expected a folder that nobody works in, but process ${process.pid} on "${hostname()}" has been at work there since "${started}"`,
    );
    expect(readdirSync(folder)).toEqual([OWNER_FILE]);
    first.release();
    ownFolder(folder).release();
  });

  it("takes over from a process that has ended, and from a later one of its number", () => {
    for (const dead of [owner, { ...owner, pid: process.pid, born: "1" }]) {
      leave(dead);
      const { check, release } = ownFolder(folder);
      check();
      expect(JSON.parse(readFileSync(path(), "utf8")).pid).toBe(process.pid);
      release();
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  it("believes in an owner on another machine for as long as its heart beats", () => {
    leave({ ...owner, host: "elsewhere" });
    expect(() => ownFolder(folder)).toThrow('process 4194305 on "elsewhere"');
    const old = new Date(Date.now() - 3_600_000);
    utimesSync(path(), old, old);
    ownFolder(folder).release();
  });

  it("takes over from a file that is none, and shows nothing raw of one that is", () => {
    for (const text of ["", "{", "null", '{"pid":-1}', '{"pid":"1"}']) {
      writeFileSync(path(), text);
      ownFolder(folder).release();
    }
    leave({ ...owner, host: "elsewhere", command: "\u001b[2J" });
    expect(() => ownFolder(folder)).toThrow("\\u001b[2J");
  });

  it("does not remove another's file, and notices that it lost the folder", () => {
    const { check, release } = ownFolder(folder);
    leave({ ...owner, host: "elsewhere" });
    expect(check).toThrow('process 4194305 on "elsewhere" has been at work there');
    release();
    expect(existsSync(path())).toBe(true);
  });

  it("is had by one of many processes that find a dead owner at once; none is left when they are killed", async () => {
    leave(owner);
    const script = join(folder, "take.mjs");
    const module = new URL("../src/system/folder-owner.ts", import.meta.url).href;
    writeFileSync(
      script,
      `import { ownFolder } from ${JSON.stringify(module)};
       try { ownFolder(process.argv[2]); process.stdout.write("mine\\n"); setInterval(() => {}, 1000); }
       catch (error) { process.stdout.write("taken\\n"); }`,
    );
    const tsx = new URL(import.meta.resolve("tsx")).href;
    const children = Array.from({ length: 4 }, () => spawn(process.execPath, ["--import", tsx, script, folder]));
    const words = await Promise.all(children.map(async ({ stdout }) => String((await once(stdout, "data"))[0]).trim()));
    expect(words.sort()).toEqual(["mine", "taken", "taken", "taken"]);
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(children.map((child) => child.exitCode ?? once(child, "exit")));
    ownFolder(folder).release();
  });
});
