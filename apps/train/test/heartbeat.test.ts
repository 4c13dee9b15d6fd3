import { existsSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "test-support";
import { afterEach, describe, expect, it, vi } from "vitest";
import { OWNER_FILE, ownFolder } from "../src/system/folder-owner.js";

// A file server that is away now and then.
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const { utimesSync, rmSync, readFileSync } = fs;
  return { ...fs, utimesSync: vi.fn(utimesSync), rmSync: vi.fn(rmSync), readFileSync: vi.fn(readFileSync) };
});
const away = () => {
  throw Object.assign(new Error("ESTALE: stale file handle"), { code: "ESTALE" });
};

describe("an owner whose file server fails", () => {
  const folder = temporaryFolder("heartbeat");
  afterEach(() => {
    vi.useRealTimers();
  });

  it("goes on with its work after a heartbeat that failed, and beats again", () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const path = join(folder, OWNER_FILE);
    const { check, release } = ownFolder(folder);
    const long = new Date(0);
    utimesSync(path, long, long);
    vi.mocked(utimesSync).mockImplementationOnce(away);
    vi.advanceTimersByTime(10_000);
    check();
    expect(statSync(path).mtimeMs).toBe(0);
    vi.advanceTimersByTime(10_000);
    expect(statSync(path).mtimeMs).toBeGreaterThan(0);
    release();
    expect(existsSync(path)).toBe(false);
  });

  it("does not fail at the end: what it could not remove is of a dead owner", () => {
    const { release } = ownFolder(folder);
    vi.mocked(rmSync).mockImplementationOnce(away);
    release();
    expect(existsSync(join(folder, OWNER_FILE))).toBe(true);
  });
});

describe("an owner whose name only its user may read", () => {
  const folder = temporaryFolder("private-owner");

  it("is told of at once, not asked for again and again", async () => {
    const path = join(folder, OWNER_FILE);
    const { readFileSync: read } = await vi.importActual<typeof import("node:fs")>("node:fs");
    const { release } = ownFolder(folder);
    let asked = 0;
    vi.mocked(readFileSync).mockImplementation((file, options) => {
      if (file !== path || asked++ > 0) return read(file, options);
      throw Object.assign(new Error("EACCES: permission denied, open"), { code: "EACCES" });
    });
    expect(() => ownFolder(folder)).toThrow(
      `${path}: expected to read who is at work in its folder, got EACCES: permission denied, open; ask whose it is`,
    );
    release();
  });
});
