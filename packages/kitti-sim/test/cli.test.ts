import { readdirSync } from "node:fs";
import { join } from "node:path";
import { runMain, temporaryFolder } from "test-support";
import { describe, expect, test } from "vitest";
import { main } from "../src/main.js";

const root = temporaryFolder("kitti-sim-cli");

describe("kitti-sim", () => {
  const run = (argv: readonly string[], signal?: AbortSignal) => runMain(main, argv, signal);
  const folder = join(root, "streets");
  const options = ["--train", "1", "--val", "0", "--seed", "5", "--field", "camera", "--workers", "0"];

  test("writes a dataset and says so", async () => {
    const { status, stdout } = await run([folder, ...options]);
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/streets: 1 of 1 frames written in [\d.]+ s, 0 were there\n$/),
    ]);
    expect(readdirSync(join(folder, "training/velodyne"))).toEqual(["000000.bin"]);
  });

  test("--json says what is there", async () => {
    const { status, stdout } = await run([folder, ...options, "--json"]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      root: folder,
      train: 1,
      val: 0,
      seed: 5,
      field: "camera",
      written: 0,
      kept: 1,
    });
  });

  test("again: keeps what is there", async () => {
    const { status, stdout } = await run([folder, ...options]);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/: 0 of 1 frames written in [\d.]+ s, 1 was there\n$/)]);
  });

  test("exit status 1 for a folder of other data, 2 for wrong use, 130 when stopped", async () => {
    expect(await run([folder])).toMatchObject({ status: 1, stderr: expect.stringContaining("kitti-sim: writeSim") });
    expect(await run([folder, "--train", "many"])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Expected a whole number from 0 to 1000000, got "many".'),
    });
    expect(await run([folder, "--beams", "32,16"])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Expected 32, 64, 128, got "16".'),
    });
    expect(await run([])).toMatchObject({ status: 2 });
    expect(await run([folder, ...options], AbortSignal.abort())).toMatchObject({
      status: 130,
      stderr: "kitti-sim: stopped; what is written stays, and the same command goes on\n",
    });
  });

  test("--help names every option and the exit statuses", async () => {
    const { status, stdout } = await run(["--help"]);
    expect(status).toBe(0);
    for (const word of [
      "--train",
      "--val",
      "--seed",
      "--workers",
      "--field",
      "--labels",
      "--beams",
      "--json",
      "Exit status",
    ]) {
      expect(stdout).toContain(word);
    }
  });
});
