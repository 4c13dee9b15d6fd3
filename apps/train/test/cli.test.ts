import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseSafetensorsMetadata } from "second-detector";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeDemoData } from "../src/demo-data.js";

const cli = new URL("../dist/cli.js", import.meta.url).pathname;
const tiny = new URL("./fixtures/tiny.yaml", import.meta.url).pathname;
let root: string;
let data: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "eloss-cli-"));
  data = join(root, "data");
  await writeDemoData(data, { count: 2, seed: 0 });
});
afterAll(() => rmSync(root, { recursive: true }));

function eloss(...args: string[]) {
  return spawnSync(process.execPath, [cli, ...args], { encoding: "utf8", cwd: root });
}

describe("eloss", () => {
  it.each(["train", "eval", "infer", "demo"])("%s --help explains itself", (command) => {
    const { stdout, status } = eloss(command, "--help");
    expect(status).toBe(0);
    expect(stdout).toContain("--backend <name>");
    expect(stdout).toContain("--seed <n>");
  });

  it("trains, evaluates and infers, with JSON on standard output and nothing else there", () => {
    const out = join(root, "run");
    const trained = eloss(
      "train",
      "--data",
      data,
      "--config",
      tiny,
      "--split",
      "all",
      "--epochs",
      "1",
      "--entropy-loss",
      "--out",
      out,
      "--json",
    );
    expect(trained.stderr).toContain("with the Entropy Loss");
    expect(trained.status).toBe(0);
    expect(JSON.parse(trained.stdout)).toMatchObject({ run: out, step: 1, totalSteps: 1, interrupted: false });

    const evaluated = eloss("eval", "--run", out, "--data", data, "--split", "all", "--json");
    expect(evaluated.status).toBe(0);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ split: "all", ids: ["000000", "000001"], frames: 2, step: 1 });

    const scan = join(data, "training", "velodyne", "000000.bin");
    const calib = join(data, "training", "calib", "000000.txt");
    const inferred = eloss("infer", "--run", out, "--calib", calib, scan, "--json");
    expect(inferred.status).toBe(0);
    expect(JSON.parse(inferred.stdout)).toMatchObject({ scan, step: 1, objects: expect.any(Array) });
    expect(eloss("infer", "--run", out, "--calib", calib, scan).stdout).toMatch(/no objects found|class +score/);
  });

  it("finishes the step on Ctrl-C and keeps a checkpoint of it", async () => {
    const out = join(root, "stopped");
    const args = ["train", "--data", data, "--config", tiny, "--split", "all", "--epochs", "5000", "--out", out];
    const child = spawn(process.execPath, [cli, ...args], { cwd: root, stdio: "ignore" });
    const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
    // A step has been taken once there is a line of metrics.
    while (!existsSync(join(out, "metrics.jsonl"))) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    const steps = readFileSync(join(out, "metrics.jsonl"), "utf8").trim().split("\n").length;
    const checkpoint = readFileSync(join(out, "checkpoint.safetensors"));
    expect(parseSafetensorsMetadata(checkpoint).get("step")).toBe(String(steps));
    expect(steps).toBeLessThan(5000);
  });

  it.each([
    [
      ["train", "--data", "nowhere", "--config", "second-mini"],
      /--data nowhere: expected a KITTI root with training\/velodyne/,
    ],
    [
      ["train", "--data", ".", "--config", "second-maxi"],
      /--config second-maxi: expected one of second-mini, second-kitti/,
    ],
    [["train", "--config", "second-mini"], /required option '--data <dir>' not specified/],
    [
      ["train", "--data", "data", "--config", "second-mini", "--epochs", "few"],
      /expected a whole number of at least 1, got "few"/,
    ],
    [["eval", "--run", "nowhere", "--data", "data"], /nowhere: expected a run folder made by `eloss train`/],
    [["infer", "--run", "run", "--calib", "nowhere.txt", "scan.bin"], /nowhere\.txt/],
    [
      ["train", "--data", "data", "--config", "second-mini", "--split", "all", "--backend", "quantum"],
      /Allowed choices are simd, cpu, tensorflow/,
    ],
  ])("%j says what is wrong", (args, message) => {
    const { stderr, stdout, status } = eloss(...args);
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("    at ");
    expect(stdout).toBe("");
  });

  it("explains how to get the tensorflow backend where it is not set up", () => {
    const { stderr, status } = eloss(
      "train",
      "--data",
      data,
      "--config",
      tiny,
      "--split",
      "all",
      "--backend",
      "tensorflow",
      "--epochs",
      "1",
      "--out",
      join(root, "tensorflow"),
    );
    if (status === 0) return; // it is set up on this machine
    expect(stderr).toContain("pnpm setup:gpu");
    expect(existsSync(join(root, "tensorflow"))).toBe(false);
  });

  it("does not write over a run", () => {
    const { stderr, status } = eloss("train", "--data", data, "--config", tiny, "--split", "all", "--out", data);
    expect(status).toBe(1);
    expect(stderr).toContain("expected a new or empty folder");
    expect(readFileSync(join(data, "training", "velodyne", "000000.bin")).length).toBeGreaterThan(0);
  });
});
