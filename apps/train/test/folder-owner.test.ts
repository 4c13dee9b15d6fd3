import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { folderFree, folderOwner, OWNER_FILE, ownFolder, owningFreeFolder } from "../src/system/folder-owner.js";

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

  it("takes over from one that died while it took over from a dead one, and sweeps what they left", () => {
    leave(owner);
    const text = readFileSync(path(), "utf8");
    const right = `${path()}.${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
    writeFileSync(right, JSON.stringify({ ...owner, pid: owner.pid + 1 }));
    writeFileSync(`${path()}.aside`, "{");
    const { check, release } = ownFolder(folder);
    check();
    expect(readdirSync(folder)).toEqual([OWNER_FILE]);
    release();
  });

  it("leaves the taking over to a living process that is about to do it", () => {
    leave(owner);
    const text = readFileSync(path(), "utf8");
    const right = `${path()}.${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
    const { release } = ownFolder(join(folder, "other"));
    writeFileSync(right, readFileSync(join(folder, "other", OWNER_FILE)));
    expect(() => ownFolder(folder)).toThrow(`process ${process.pid} on`);
    expect(readFileSync(path(), "utf8")).toBe(text);
    release();
  });

  it("says what it could not write", () => {
    writeFileSync(join(folder, "file"), "");
    expect(() => ownFolder(join(folder, "file"))).toThrow("file");
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

describe("owningFreeFolder", () => {
  it("waits until nobody else is at work, and tells once who is", async () => {
    const first = ownFolder(folder);
    const told: string[] = [];
    let pauses = 0;
    const waiting = {
      onWait: (who: string) => told.push(who),
      async pause() {
        pauses += 1;
        if (pauses === 3) first.release();
      },
    };
    const there = await owningFreeFolder(folder, waiting, async ({ check }) => {
      check();
      return folderOwner(folder);
    });
    expect(there).toContain(`process ${process.pid} on`);
    expect([pauses, told.length]).toEqual([3, 1]);
    expect(told[0]).toMatch(/^process \d+ on ".*" has been at work there since ".*": "eloss/);
    expect(folderOwner(folder)).toBeUndefined();
  });

  it("does not wait for a dead owner, nor any longer when it is asked to stop", async () => {
    leave(owner);
    await owningFreeFolder(folder, { onWait: () => expect.unreachable() }, async () => {});
    const { release } = ownFolder(folder);
    const stop = new AbortController();
    const waiting = { onWait: () => {}, signal: stop.signal, pause: async () => stop.abort(new Error("asked")) };
    await expect(owningFreeFolder(folder, waiting, async () => {})).rejects.toThrow("asked");
    await expect(folderFree(folder, waiting)).rejects.toThrow("asked");
    release();
    await folderFree(folder, { onWait: () => expect.unreachable() });
  });
});
