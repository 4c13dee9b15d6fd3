import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { experiments } from "../src/experiment/experiments.js";
import type { ExperimentResults } from "../src/experiment/results.js";
import { OWNER_FILE, ownFolder } from "../src/system/folder-owner.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

const cli = new URL("../dist/cli.js", import.meta.url).pathname;
let root: string;
let data: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "eloss-experiment-"));
  data = join(root, "data");
  const ids = await writeTinyScenes(data, { count: 2, seed: 0 });
  mkdirSync(join(data, "ImageSets"));
  for (const split of ["train", "val"]) writeFileSync(join(data, "ImageSets", `${split}.txt`), `${ids.join("\n")}\n`);
});
afterAll(() => rmSync(root, { recursive: true }));

function experiment(...args: string[]) {
  return spawnSync(process.execPath, [cli, "experiment", ...args], { encoding: "utf8", cwd: root });
}

const options = (out: string) => ["--data", data, "--out", out, "--size", "mini", "--seeds", "1", "--epochs", "1"];
const results = (out: string): ExperimentResults =>
  JSON.parse(readFileSync(join(out, "noise", "results.json"), "utf8"));

/** Waits until a process has begun a run. @returns its number */
async function ownerOf(folder: string): Promise<number> {
  for (;;) {
    try {
      statSync(join(folder, "run.json"));
      return JSON.parse(readFileSync(join(folder, OWNER_FILE), "utf8")).pid;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

describe("eloss experiment", () => {
  it("--help lists every experiment with its question", () => {
    const { stdout } = experiment("--help");
    for (const { name, question } of experiments) expect(stdout).toContain(`${name.padEnd(14)} ${question}`);
  });

  it("--print gives commands that make the runs, and makes none", () => {
    const out = join(root, "printed");
    const { stdout } = experiment("noise", ...options(out), "--print");
    const commands = stdout.trim().split("\n");
    expect(commands).toHaveLength(2);
    expect(existsSync(join(out, "runs"))).toBe(false);
    const made = spawnSync(process.execPath, [cli, ...commands[1].split(" ").slice(1)], {
      encoding: "utf8",
      cwd: root,
    });
    expect(made.status, made.stderr).toBe(0);
    const left = experiment("noise", ...options(out), "--print")
      .stdout.trim()
      .split("\n");
    expect(left).toEqual([commands[0]]);
    const asJson = JSON.parse(experiment("noise", ...options(out), "--print", "--json").stdout);
    expect(asJson).toEqual({ commands: left });
    const elsewhere = experiment("noise", ...options(out), "--print", "--backend", "cpu").stdout;
    expect(elsewhere).toContain("--validate-every 1 --backend cpu --out");
  });

  it("makes the runs, takes over what is there, and writes results and page", () => {
    const out = join(root, "printed");
    const first = experiment("noise", ...options(out));
    expect(first.status, first.stderr).toBe(0);
    expect(first.stderr).toContain("1 of 2 runs to make");
    const { tables, runs, command } = results(out);
    const made = tables.find(({ title }) => title === "All runs")!;
    expect(made.rows.map((row) => String(row.at(-1))).filter((line) => line.includes("--resume"))).toEqual([]);
    expect(runs.map(({ arm, seed, state }) => [arm, seed, state.kind])).toEqual([
      ["second-mini", 0, "finished"],
      ["second-mini-l1", 0, "finished"],
    ]);
    expect(command).toContain("eloss experiment noise --data");
    const [noise] = tables;
    expect(noise.rows).toHaveLength(6); // two arms, three kinds of noise
    for (const row of noise.rows) {
      expect(row).toHaveLength(noise.columns.length);
      for (const auroc of row.slice(4, 7)) {
        expect(Number(auroc)).toBeGreaterThanOrEqual(0);
        expect(Number(auroc)).toBeLessThanOrEqual(1);
      }
    }
    expect(readFileSync(join(out, "noise", "index.html"), "utf8")).toContain("Noisy scans");

    const checkpoint = join(out, "runs", "second-mini-seed0", "checkpoint.safetensors");
    const { mtimeMs } = statSync(checkpoint);
    const again = experiment("noise", ...options(out), "--json");
    expect(JSON.parse(again.stdout)).toEqual({ folder: join(out, "noise"), ...results(out) });
    expect(again.stderr).toContain("0 of 2 runs to make");
    expect(statSync(checkpoint).mtimeMs).toBe(mtimeMs);
    expect(results(out).tables).toEqual(tables);
  });

  it("refuses scans alone before anything is trained: the figures are KITTI's metrics", () => {
    const own = join(root, "own");
    for (const folder of ["points", "labels", "ImageSets"]) mkdirSync(join(own, folder), { recursive: true });
    for (const [id, part] of Object.entries({ a: "train", b: "val" })) {
      writeFileSync(join(own, "ImageSets", `${part}.txt`), `${id}\n`);
      writeFileSync(join(own, "points", `${id}.bin`), Buffer.from(Float32Array.of(9, 0, 0, 0.5, 8, 1, 0, 0.5).buffer));
      writeFileSync(join(own, "labels", `${id}.txt`), "9 0 0 4 2 1.5 0 Car\n");
    }
    const { status, stderr } = experiment("table", "--data", own, "--out", join(root, "of-own"), "--size", "mini");
    expect([status, stderr]).toEqual([2, expect.stringContaining(`--data ${own}: expected a folder of KITTI's kind`)]);
    expect(existsSync(join(own, ".eloss"))).toBe(false);
    rmSync(join(own, "labels"), { recursive: true });
    const without = experiment("table", "--data", own, "--out", join(root, "of-own"), "--size", "mini");
    expect([without.status, without.stderr]).toEqual([1, expect.stringContaining(`eloss: ${own}: expected labels in`)]);
  });

  it("unusual-loss says how many frames it needs", () => {
    const { status, stderr } = experiment("unusual-loss", ...options(join(root, "unusual")), "--budget", "0");
    expect(status).toBe(1);
    expect(stderr).toContain("experiment unusual-loss: expected 4 validation frames or more, got 2");
  });

  it("draws the differences of the pairs that are there", () => {
    const out = join(root, "printed");
    const { status, stderr } = experiment("table", ...options(out), "--budget", "0");
    expect(status, stderr).toBe(0);
    const drawing = readFileSync(join(out, "table", "accuracy.svg"), "utf8");
    expect(drawing).toMatch(/^<svg /);
    expect(drawing).toMatch(/>second-mini-l1 − second-mini<.*\n.*, 1 pair</);
    expect(drawing).not.toContain("pointpillars"); // no run of it has been made
  });

  it("--merge takes finished runs of another folder, and makes the others", () => {
    const out = join(root, "merging");
    const merged = ["--merge", join(root, "printed")];
    expect(experiment("noise", ...options(out), ...merged, "--print").stdout).toBe("");
    expect(
      experiment("noise", ...options(out), "--print")
        .stdout.trim()
        .split("\n"),
    ).toHaveLength(2);
    const { status, stderr } = experiment("noise", ...options(out), ...merged);
    expect(status, stderr).toBe(0);
    expect(stderr).toContain("0 of 2 runs to make");
    expect(results(out).runs).toEqual(results(join(root, "printed")).runs);
    const otherLength = experiment("noise", ...options(out), ...merged, "--epochs", "2");
    expect(otherLength.stderr).toContain("recipe.training.epochs is 1 there and 2 here");
  });

  it("--merge takes finished runs of another machine's results.json: the same numbers, with nothing but that file", () => {
    const made = join(root, "recorded");
    const budget = ["--budget", "0"];
    const commands = experiment("replication", ...options(made), "--print")
      .stdout.trim()
      .split("\n");
    for (const command of commands.slice(0, 2))
      spawnSync(process.execPath, [cli, ...command.split(" ").slice(1)], { cwd: root });
    const { status: tabulated, stderr: told } = experiment("replication", ...options(made), ...budget);
    expect(tabulated, told).toBe(0);
    const file = join(made, "replication", "results.json");
    const first: ExperimentResults = JSON.parse(readFileSync(file, "utf8"));
    expect(first.runs.filter(({ resampled }) => resampled?.draws.length === 1000)).toHaveLength(2);

    const out = join(root, "taking-over");
    const { status, stderr } = experiment("replication", ...options(out), ...budget, "--merge", file);
    expect(status, stderr).toBe(0);
    const taken: ExperimentResults = JSON.parse(readFileSync(join(out, "replication", "results.json"), "utf8"));
    expect(taken.runs).toEqual(first.runs);
    expect(taken.facts).toContainEqual(["Taken over", "2 runs of results.json"]);
    const withoutCommands = ({ tables }: ExperimentResults) => tables.filter(({ title }) => title !== "All runs");
    expect(withoutCommands(taken)).toEqual(withoutCommands(first));
    expect(existsSync(join(out, "runs"))).toBe(false);
    expect(taken.command).toContain(` --merge ${file}`);
    const left = experiment("replication", ...options(out), "--merge", file, "--print").stdout;
    expect(left).not.toMatch(/second-mini(-l1)?-seed0/);
  });

  it("--merge refuses results of other runs or data, what is no such file, and a file where folders are needed", () => {
    const file = join(root, "recorded", "replication", "results.json");
    const merging = (name: string, path: string, ...more: string[]) =>
      experiment(name, ...options(join(root, "refusing")), "--print", "--merge", path, ...more);
    expect(merging("replication", file, "--epochs", "2").stderr).toContain(
      `${file}: second-mini, seed 0: expected a run of the same recipe, frames and options, found another: recipe.training.epochs is 1 ` +
        "there and 2 here; give the same options, or leave that file out",
    );
    const altered = (name: string, alter: (results: ExperimentResults) => object) => {
      const path = join(root, name);
      writeFileSync(path, JSON.stringify(alter(JSON.parse(readFileSync(file, "utf8")))));
      return path;
    };
    const others = altered("others.json", ({ plan, ...rest }) => ({
      ...rest,
      plan: { ...plan, validationFrames: ["7"] },
    }));
    expect(merging("replication", others).stderr).toContain(
      "expected runs evaluated on the same 2 frames, got 1, or others",
    );
    const streets = altered("streets.json", (all) => ({
      ...all,
      data: { simulated: true, description: "made by kitti-sim." },
    }));
    expect(merging("replication", streets).stderr).toContain("It has others, made by kitti-sim.");
    const planless = altered("planless.json", ({ plan: _, ...rest }) => rest);
    expect(merging("replication", planless).stderr).toContain(`${planless}: plan`);
    const nameless = altered("nameless.json", ({ plan, ...rest }) => ({ ...rest, plan: { ...plan, arms: [] } }));
    expect(merging("replication", nameless).stderr).toContain(
      "expected the recipe of second-mini in plan.arms, got none",
    );
    const empty = altered("empty.json", ({ runs, ...rest }) => ({
      ...rest,
      runs: runs.map((run) => ({ ...run, epochs: [] })),
    }));
    expect(merging("replication", empty).stderr).toContain(
      "second-mini, seed 0: expected of a finished run an evaluation after epoch 1, and its `end`, got epoch none",
    );
    const [first] = (JSON.parse(readFileSync(file, "utf8")) as ExperimentResults).runs;
    const short = altered("short.json", (all) => ({
      ...all,
      runs: [{ ...first, resampled: { ...first.resampled, draws: [50] } }],
    }));
    expect(merging("replication", short).stderr).toContain(`${short}: runs[0].resampled.draws`);
    for (const [name, path, message] of [
      ["replication", join(root, "nowhere"), "expected a folder of experiments or a results.json, got nothing"],
      ["noise", file, "expected a folder, as experiment noise looks into its runs; got a file"],
    ]) {
      const { status, stderr } = merging(name, path);
      expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
    }
  });

  it("shows a run that failed, and tries it again only when told to", () => {
    const out = join(root, "failing");
    mkdirSync(join(out, "runs", "second-mini-seed0"), { recursive: true });
    writeFileSync(join(out, "runs", "second-mini-seed0", "notes.txt"), "in the way");
    expect(experiment("noise", ...options(out)).status).toBe(0);
    const [failed, other] = results(out).runs;
    expect(failed.state).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("expected a new or empty folder"),
    });
    expect(other.state.kind).toBe("finished");
    expect(results(out).tables.at(-1)!.rows[0][1]).toContain("failed at step 0");
    expect(experiment("noise", ...options(out)).stderr).toContain("0 of 2 runs to make");
    rmSync(join(out, "runs", "second-mini-seed0"), { recursive: true });
    expect(experiment("noise", ...options(out), "--retry").stderr).toContain("1 of 2 runs to make");
    expect(results(out).runs[0].state.kind).toBe("finished");
  });

  it("is alone in its folder", () => {
    const out = join(root, "printed");
    const { release } = ownFolder(out);
    const { stderr, status } = experiment("noise", ...options(out));
    release();
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining(`${out}: expected a folder that nobody works in, but process ${process.pid} on`),
    ]);
  });

  it("goes on after a run was killed in its first epoch and after it was killed itself, and waits for what still runs", async () => {
    const out = join(root, "killed");
    const [first, second] = ["second-mini-seed0", "second-mini-l1-seed0"].map((name) => join(out, "runs", name));
    const begun = spawn(process.execPath, [cli, "experiment", "noise", ...options(out), "--parallel", "1"], {
      cwd: root,
    });
    const ended = once(begun, "exit");
    process.kill(await ownerOf(first), "SIGKILL");
    await ownerOf(second);
    begun.kill("SIGKILL");
    await ended;
    expect(existsSync(join(first, "checkpoint.safetensors"))).toBe(false);

    // Somebody's own training of the first run; that of the second may still be stopping.
    const { release } = ownFolder(first);
    const again = spawn(process.execPath, [cli, "experiment", "noise", ...options(out)], { cwd: root });
    let said = "";
    again.stderr.on("data", (text) => {
      said += text;
      if (said.includes(`waiting for ${first}: process ${process.pid} on`)) release();
    });
    expect(await once(again, "exit"), said).toEqual([0, null]);
    expect(said).toContain("2 of 2 runs to make");
    expect(results(out).runs.map(({ state }) => state.kind)).toEqual(["finished", "finished"]);
    for (const [folder, name] of [
      [first, "second-mini-seed0"],
      [second, "second-mini-l1-seed0"],
    ]) {
      const undisturbed = join(root, "printed", "runs", name, "checkpoint.safetensors");
      expect(readFileSync(join(folder, "checkpoint.safetensors")).equals(readFileSync(undisturbed))).toBe(true);
    }
  });

  it("counts a run that was ended from outside as interrupted, not as failed", async () => {
    const out = join(root, "outside");
    const run = join(out, "runs", "second-mini-seed0");
    const begun = spawn(process.execPath, [cli, "experiment", "noise", ...options(out), "--parallel", "1"], {
      cwd: root,
    });
    let said = "";
    begun.stderr.on("data", (text) => {
      said += text;
    });
    process.kill(await ownerOf(run), "SIGKILL");
    expect(await once(begun, "exit"), said).toEqual([130, null]);
    expect(said).toContain("1 run was interrupted; the same command goes on with it");
    expect(existsSync(`${run}.failed.json`)).toBe(false);
    expect(results(out).runs.map(({ state }) => state.kind)).toEqual(["begun", "finished"]);
  });

  it.each([
    [["tables"], 2, "experiment tables: expected one of table, curves"],
    [["table", "--size", "huge"], 2, "Allowed choices are mini, small, kitti"],
    [["table", "--seeds", "0"], 2, "expected a whole number from 1 to 10000"],
  ])("%j ends with status %i and says what is wrong", (args, expected, message) => {
    const { stderr, status } = experiment(...args);
    expect(status).toBe(expected);
    expect(stderr).toContain(message);
  });

  it("refuses runs of another recipe", () => {
    const file = join(root, "printed", "runs", "second-mini-seed0", "config.yaml");
    const own = readFileSync(file, "utf8");
    writeFileSync(file, own.replace("k: C/10", "k: 3"));
    const { stderr, status } = experiment("noise", ...options(join(root, "printed")));
    writeFileSync(file, own);
    expect(status).toBe(1);
    expect(stderr).toContain('found another: recipe.entropyLoss.k is 3 there and "C/10" here; give the same options');
  });

  it("refuses runs of another length, and of other frames", () => {
    const refused = (...args: string[]) => {
      const { stderr, status } = experiment(
        "noise",
        "--out",
        join(root, "printed"),
        "--size",
        "mini",
        "--seeds",
        "1",
        ...args,
      );
      expect(status).toBe(1);
      return stderr;
    };
    expect(refused("--data", data, "--epochs", "2")).toContain(
      "expected a run of the same recipe, frames and options, found another: recipe.training.epochs is 1 there and 2 here",
    );
    const train = join(data, "ImageSets", "train.txt");
    writeFileSync(train, "000001\n");
    expect(refused("--data", data, "--epochs", "1")).toContain(
      'frames is ["000000","000001"] there and ["000001"] here',
    );
    writeFileSync(train, "000000\n000001\n");
  });
});
