import { spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { EntropyMonitor } from "entropy-loss";
import { parseSafetensorsMetadata } from "second-detector";
import { decodePretrained } from "second-weights";
import { itUnless } from "test-support";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { readRunFile } from "../src/runs/run-file.js";
import { runFolder } from "../src/runs/run-folder.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

const cli = new URL("../dist/cli.js", import.meta.url).pathname;
const tiny = new URL("./fixtures/tiny.yaml", import.meta.url).pathname;
let root: string;
let data: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "eloss-cli-"));
  data = join(root, "data");
  await writeTinyScenes(data, { count: 2, seed: 0 });
});
afterAll(() => rmSync(root, { recursive: true }));

function eloss(...args: string[]) {
  return spawnSync(process.execPath, [cli, ...args], { encoding: "utf8", cwd: root });
}

describe("eloss", () => {
  it.each([
    "prepare",
    "train",
    "eval",
    "infer",
    "import",
    "export",
    "report",
    "view",
    "explain",
    "experiment",
    "pretrain",
    "demo",
  ])("%s --help knows --json", (command) => {
    expect(eloss(command, "--help").stdout).toContain("--json");
  });

  it("--version is the package's, --help lists the environment", () => {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    expect(eloss("--version").stdout.trim()).toBe(version);
    expect(eloss("--help").stdout).toMatch(/SIMD_KERNELS_THREADS.*ELOSS_TENSORFLOW.*Exit status/s);
    expect(eloss("nonsense").status).toBe(2);
  });

  it("config prints a recipe that train takes, and names those there are", () => {
    const names = eloss("config").stdout.trim().split("\n");
    expect(names).toContain("second-small");
    writeFileSync(join(root, "printed.yaml"), eloss("config", "second-small").stdout);
    const { epochs } = JSON.parse(eloss("config", "second-small", "--json").stdout).training;
    expect(openRecipe(join(root, "printed.yaml")).training.epochs).toBe(epochs);
    expect(eloss("config", "second-small", "--detector").stdout).toMatch(/^voxelSize: /m);
    expect(eloss("config", "second-maxi").stderr).toMatch(/config second-maxi: expected one of second-mini/);
  });

  it("names the frame that is meant by a number without its zeros", () => {
    expect(eloss("prepare", "data", "--split", "1").stderr).toContain(" (is 000001 meant?); give a list there");
    const { stderr } = eloss("prepare", "data", "--split", "000000,1");
    expect(stderr).toMatch(/got "1" \(1 of 2 are not there; is 000001 meant\?\)/);
  });

  it("a reader that has had enough is no error", () => {
    const { stdout, stderr } = spawnSync("sh", ["-c", `"${process.execPath}" "${cli}" config second-small | head -1`], {
      encoding: "utf8",
    });
    expect(stdout.split("\n")).toHaveLength(2);
    expect(stderr).toBe("");
  });

  it("completes commands, options and their values in bash", () => {
    const script = `${eloss("completion", "bash").stdout}
      try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _eloss; echo "\${COMPREPLY[*]}"; }
      try eloss conf; try eloss train --entropy; try eloss infer --backend w`;
    const { stdout } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
    expect(stdout.trim().split("\n")).toEqual(["config configure", "--entropy-loss", "webgpu"]);
  });

  it.each([
    [["export", "--onnx", "a.onnx"], "export: expected --run <dir> or --pretrained <name>"],
    [["explain", "scan.bin"], "explain: expected --run <dir> or --pretrained <name>"],
    [["config", "nonsense"], "config nonsense: expected one of second-mini"],
    [["pretrain", "--config", "nonsense", "--out", "made"], "--config nonsense: expected one of second-mini"],
    [["experiment", "table", "--cancel"], "--cancel: expected --slurm with it"],
    [["experiment", "table", "--other-data", "data"], "--run, --other-data: expected experiment"],
  ])("%j: a choice that is missing or is none is wrong use, status 2", (args, message) => {
    const { stderr, stdout, status } = eloss(...args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`eloss: ${message}`);
  });

  it.each(["train", "eval", "infer", "pretrain", "demo"])("%s --help explains itself", (command) => {
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
    expect(JSON.parse(inferred.stdout)).toMatchObject({
      scan,
      step: 1,
      objects: expect.any(Array),
      latency: { unit: "ms", frames: 1, warmUp: 0 },
    });
    expect(eloss("infer", "--run", out, "--calib", calib, scan).stdout).toMatch(/no objects found|class +score/);
  });

  it("infers the frames of a split and says how long each stage took, the warm-up left out", () => {
    const run = join(root, "run");
    const results = join(root, "found");
    const passes = ["--warm-up", "1", "--repeat", "2", "--out", results];
    const inferred = eloss("infer", "--run", run, "--data", data, ...passes, "--json");
    expect(inferred.status).toBe(0);
    const { split, step, frames, latency } = JSON.parse(inferred.stdout);
    expect({ split, step }).toEqual({ split: "all", step: 1 });
    expect(frames.map(({ id }: { id: string }) => id)).toEqual(["000000", "000001"]);
    expect(latency).toMatchObject({ unit: "ms", frames: 4, warmUp: 1 });
    expect(Object.keys(latency.stages)).toEqual(["read", "voxelize", "rulebooks", "encoder", "dense", "decode"]);
    for (const { p50, p99, mean } of [latency.frame, ...Object.values<Record<string, number>>(latency.stages)]) {
      expect(p50).toBeGreaterThan(0);
      expect(p99).toBeGreaterThanOrEqual(p50);
      expect(mean).toBeLessThanOrEqual(p99);
    }
    // The files are those that an evaluation writes.
    for (const id of ["000000", "000001"]) {
      const evaluated = readFileSync(join(run, "predictions", "all", `${id}.txt`), "utf8");
      expect(readFileSync(join(results, `${id}.txt`), "utf8")).toBe(evaluated);
    }
  });

  it("names a bad frame, goes on with the others and keeps their results", async () => {
    const faulty = join(root, "faulty");
    const ids = await writeTinyScenes(faulty, { count: 3, seed: 0 });
    const scan = join(faulty, "training", "velodyne", `${ids[1]}.bin`);
    writeFileSync(scan, readFileSync(scan).subarray(5));
    const fault = new RegExp(`frame ${ids[1]} is left out: .*${ids[1]}\\.bin: expected a multiple of 16 bytes`);
    const good = [ids[0], ids[2]];
    const run = join(root, "run");
    const results = join(root, "found-faulty");

    const inferred = eloss(
      "infer",
      "--run",
      run,
      "--data",
      faulty,
      "--warm-up",
      "2",
      "--repeat",
      "2",
      "--out",
      results,
      "--json",
    );
    expect(inferred.status).toBe(1);
    expect(inferred.stderr).toMatch(fault);
    const { frames, leftOut, latency } = JSON.parse(inferred.stdout);
    expect(frames.map(({ id }: { id: string }) => id)).toEqual(good);
    expect([leftOut.length, latency.frames]).toEqual([1, 4]);
    expect(readdirSync(results).sort()).toEqual([...good.map((id) => `${id}.txt`), "eloss-infer.json"]);

    const evaluated = eloss("eval", "--run", run, "--data", faulty, "--split", "all", "--json");
    expect(evaluated.status).toBe(1);
    expect(evaluated.stderr).toMatch(fault);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ ids: good, frames: 2, leftOut: [{ id: ids[1] }] });
    expect(readdirSync(join(run, "predictions", "all")).sort()).toEqual(good.map((id) => `${id}.txt`));

    const out = join(root, "run-faulty");
    const plain = ["--config", tiny, "--no-augmentation", "--split", "all", "--epochs", "1", "--out", out, "--json"];
    const trained = eloss("train", "--data", faulty, ...plain);
    expect(trained.stderr).toMatch(fault);
    expect(trained.status).toBe(1);
    expect(JSON.parse(readFileSync(join(out, "run.json"), "utf8")).settings.frames).toEqual(good);

    for (const command of [
      ["infer", "--run", run],
      ["eval", "--run", run, "--split", "all"],
      ["train", "--config", tiny, "--split", "all", "--out", join(root, "run-strict")],
    ]) {
      const strict = eloss(...command, "--data", faulty, "--strict");
      expect([strict.status, strict.stdout], command[0]).toEqual([1, ""]);
      expect(strict.stderr).toMatch(/eloss: frame .*bytes.* \(without --strict it is left out\)/);
    }
    expect(existsSync(join(root, "run-strict"))).toBe(false);
  });

  it("an evaluation that cannot write says so before it computes", () => {
    const evaluate = () => eloss("eval", "--run", join(root, "run"), "--data", data, "--split", "all", "--json");
    const predictions = join(root, "run", "predictions", "all");
    const whole = evaluate();
    expect(whole.status, whole.stderr).toBe(0);
    const text = readFileSync(join(predictions, "000000.txt"), "utf8");

    const [folder, aside] = [join(root, "run", "predictions"), join(root, "aside")];
    renameSync(folder, aside);
    writeFileSync(folder, "in the way");
    const refused = evaluate();
    rmSync(folder);
    renameSync(aside, folder);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/predictions/);
    expect(refused.stderr).not.toContain("eval all");
    expect(readFileSync(join(predictions, "000000.txt"), "utf8")).toBe(text);
  });

  it.each<[string, () => string[], object]>([
    [
      "report",
      () => [join(root, "run"), "--data", data, "--split", "all", "--frames", "1", "--out", join(root, "r.html")],
      { file: expect.stringContaining("r.html"), runs: [expect.stringContaining("run")], frames: ["000001"] },
    ],
    [
      "view",
      () => [data, "000001", "000000", "--run", join(root, "run"), "--out", join(root, "v.html")],
      { file: expect.stringContaining("v.html"), frames: ["000001", "000000"] },
    ],
  ])("%s --json says what was written", (command, args, document) => {
    const { stdout, stderr, status } = eloss(command, ...args(), "--json");
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual(document);
    expect(existsSync(JSON.parse(stdout).file)).toBe(true);
  });

  it("demo --json is one document; the same command takes over what is there, another is refused", () => {
    const demo = (...args: string[]) =>
      eloss("demo", "--out", join(root, "demo"), "--data", data, "--train", "1", "--val", "1", "--json", ...args);
    const { stdout, stderr, status } = demo("--epochs", "1");
    expect(status, stderr).toBe(0);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ interrupted: false, frames: { train: 1, val: 1 } });
    expect(document.runs).toMatchObject([
      { entropyLoss: false, step: 1, averages: { car: { found: expect.any(Number), perfect: expect.any(Number) } } },
      { entropyLoss: true, step: 1 },
    ]);
    expect(existsSync(document.report)).toBe(true);
    expect(stderr).toContain("== 2/4 simulating 1 + 1 frames of streets");
    // what the published weights find, before anything is trained: streets, and the scans of --data
    const first = readFileSync(document.first, "utf8");
    for (const name of ["street 0", "street 3", `${basename(data)} 000000`]) expect(first).toContain(name);
    expect(stderr.indexOf("first.html: 6 scans")).toBeLessThan(stderr.indexOf("== 2/4"));
    expect(stderr.indexOf("first.html: 6 scans")).toBeGreaterThan(0);

    const checkpoint = join(document.runs[1].run, "checkpoint.safetensors");
    const { mtimeMs } = statSync(checkpoint);
    expect(JSON.parse(demo("--epochs", "1").stdout).runs).toEqual(document.runs);
    expect(readFileSync(document.first, "utf8")).toBe(first);
    expect(statSync(checkpoint).mtimeMs).toBe(mtimeMs);
    expect(demo("--epochs", "2").stderr).toContain(
      "found another: recipe.training.epochs is 1 there and 2 here; give the same options, another --out, or delete that folder",
    );
  });

  it("demo names a training that failed, and the same command tries it again", () => {
    const out = join(root, "demo");
    const demo = () => eloss("demo", "--out", out, "--data", data, "--train", "1", "--val", "1", "--epochs", "1");
    const run = join(out, "runs", "with-entropy-loss-seed0");
    rmSync(run, { recursive: true });
    mkdirSync(run);
    writeFileSync(join(run, "thesis.txt"), "");
    const { stdout, stderr, status } = demo();
    expect([stdout, status]).toEqual(["", 1]);
    expect(stderr).toContain("expected a new or empty folder, or one that holds this run, found thesis.txt");
    expect(stderr).toContain(`eloss: ${run} failed, as said above, and in ${run}.log; the same command tries again`);
    rmSync(join(run, "thesis.txt"));
    expect(demo().stdout).toContain("report.html: open it in any browser");
  });

  const pretrain = (...options: string[]) => {
    const size = ["--train", "1", "--val", "3", "--epochs", "1"];
    return eloss(
      "pretrain",
      "--config",
      "second-small",
      "--out",
      join(root, "pretrained"),
      ...size,
      ...options,
      "--json",
    );
  };

  it("pretrain writes one file that says what it is, and the same bytes again", () => {
    const { stdout, stderr, status } = pretrain();
    expect(status, stderr).toBe(0);
    const { file, card } = JSON.parse(stdout);
    const bytes = readFileSync(file);
    const { config, usual, ...pretrained } = decodePretrained(bytes, file);
    expect(pretrained.card).toEqual(card);
    expect(card).toMatchObject({
      command: "eloss pretrain --config second-small --train 1 --val 3 --epochs 1 --seed 0",
      training: { frames: 1, epochs: 1, steps: 1, seed: 0, entropyLoss: false },
      validation: { frames: 3, averages: { car: { found: 0, perfect: expect.any(Number) } } },
    });
    expect(config.pointRange).toEqual([0, -40, -3, 70.4, 40, 1]);
    expect(EntropyMonitor.fromJSON(usual.monitor).count).toBe(2); // the third is for the threshold
    for (const made of [file, join(root, "pretrained", "second-small")]) rmSync(made, { recursive: true });
    expect(pretrain().status).toBe(0);
    expect(readFileSync(file).equals(bytes)).toBe(true);
    expect(eloss("pretrain", "--config", "second", "--out", "x").stderr).toContain(
      "--config second: expected one of second-mini",
    );
  });

  it("pretrain --view full trains on scans of two sensors all round, beside the others, from weights that there are", () => {
    const nearer = ["--panes", "tinted", "--slope", "0.01"];
    const { stdout, stderr, status } = pretrain("--view", "full", "--init-weights", "second-small", ...nearer);
    expect(status, stderr).toBe(0);
    const { file, card } = JSON.parse(stdout);
    expect(file).toBe(join(root, "pretrained", "second-small-full.safetensors"));
    expect(card.command).toBe(
      "eloss pretrain --config second-small --view full --init-weights second-small --train 1 --val 3 --epochs 1 --seed 0 " +
        "--panes tinted --slope 0.01",
    );
    expect(card.training.data).toMatch(/ --labels full --beams 32,64 --panes tinted$/);
    expect(readFileSync(join(root, "pretrained/second-small-full/config.yaml"), "utf8")).toContain("slope: 0.01");
    const { initialWeights } = JSON.parse(
      readFileSync(join(root, "pretrained/second-small-full/run.json"), "utf8"),
    ).settings;
    expect(initialWeights).toMatchObject({ path: "second-small" });
    // of all objects with a point: some are behind the sensor
    expect(card.validation.averages).toMatchObject({ Car: { found: expect.any(Number), perfect: expect.any(Number) } });
    const { config } = decodePretrained(readFileSync(file), file);
    expect(config.pointRange).toEqual([-51.2, -51.2, -3, 51.2, 51.2, 1]);
    expect(readFileSync(join(root, "pretrained/data-full/kitti-sim.json"), "utf8")).toMatch(
      /"labels": "full".*"panes": "tinted"/s,
    );
    const clear = pretrain("--view", "full", "--slope", "0.01");
    expect(clear.stderr).toContain("expected a dataset of panes clear");
    expect(clear.status).toBe(1);
    expect(pretrain("--slope", "1").stderr).toContain('expected a number from 0 to below 1, got "1"');
  });

  it("infers with weights that come with the packages", () => {
    const files = ["--calib", join(data, "training/calib/000000.txt"), join(data, "training/velodyne/000000.bin")];
    const { stdout, stderr, status } = eloss("infer", "--pretrained", "second-small", ...files, "--json");
    expect(status, stderr).toBe(0);
    expect(stderr).toContain("trained on simulated streets alone");
    expect(JSON.parse(stdout).objects).toEqual(expect.any(Array));
    const both = eloss("infer", "--pretrained", "second-small", "--run", "run", ...files);
    expect(both.stderr).toContain("cannot be used with option '--run");
  });

  it("measures time with untrained weights, and says that they are", () => {
    const { stdout, stderr, status } = eloss("infer", "--untrained", tiny, "--data", data, "--warm-up", "0");
    expect(status).toBe(0);
    expect(stderr).toContain("untrained weights of ");
    expect(stdout).toMatch(/^\S+, untrained weights, 2 frames: 0 Car/);
    expect(stdout).toMatch(/^latency, ms +p50 +p99 +mean +share, %$/m);
    expect(stdout).toMatch(/^frame( +\d+\.\d){3} +100\.0$/m);
    expect(stdout).toMatch(/^\d+\.\d\d frames per second over 2 frames, one after the other; 0 before them/m);
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
    expect(readRunFile(runFolder(out)).ended).toMatchObject({ step: steps, reason: "SIGINT" });
    expect(steps).toBeLessThan(5000);
  });

  it.each([
    [
      ["train", "--data", "nowhere", "--config", "second-mini"],
      /eloss: nowhere: expected a KITTI root with training\/velodyne/,
    ],
    [["prepare", "nowhere"], /eloss: nowhere: expected a KITTI root with training\/velodyne/],
    [
      ["train", "--data", ".", "--config", "second-maxi"],
      /--config second-maxi: expected one of second-mini, second-small, second-kitti/,
    ],
    [["train", "--config", "second-mini"], /required option '--data <dir>' not specified/],
    [
      ["train", "--data", "data", "--config", "second-mini", "--epochs", "few"],
      /expected a whole number from 1 to 1000000, got "few"/,
    ],
    [["prepare", "data", "--workers", "1000000"], /expected a whole number from 0 to 256, got "1000000"/],
    [
      ["prepare", "data", "--split", "data/none.txt"],
      /data\/none\.txt: expected to read a list of frames, got no such/,
    ],
    [["eval", "--run", "nowhere", "--data", "data"], /nowhere: expected a run folder made by `eloss train`/],
    [["infer", "--run", "run", "--calib", "nowhere.txt", "scan.bin"], /nowhere\.txt/],
    [["infer", "--run", "run", "scan.bin"], /infer: expected --calib <file> with a scan/],
    [["infer", "--run", "run"], /infer: expected a scan or --data <dir>/],
    [["infer", "--run", "run", "--data", "data", "scan.bin"], /infer: expected a scan or --data <dir>/],
    [["infer", "--data", "data"], /infer: expected --run <dir> or --pretrained <name>, or --untrained <recipe>/],
    [["infer", "--untrained", "second-maxi", "--data", "data"], /--untrained second-maxi: expected one of second-mini/],
    [["infer", "--untrained", "second-mini", "--run", "run", "--data", "data"], /cannot be used with option '--run/],
    [
      ["train", "--data", "data", "--config", "second-mini", "--split", "all", "--backend", "quantum"],
      /Allowed choices are simd, cpu, tensorflow, webgpu/,
    ],
  ])("%j says what is wrong", (args, message) => {
    const { stderr, stdout, status } = eloss(...args);
    // What the command line itself is wrong in is told apart.
    expect(status).toBe(/^(error: |eloss: infer: expected (a scan or|--run|--calib) )/.test(stderr) ? 2 : 1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("    at ");
    expect(stdout).toBe("");
  });

  const ownDriver = process.platform === "linux" ? undefined : "this system brings its own graphics driver";
  for (const [backend, nowhere, remedy, reason] of [
    ["tensorflow", { ELOSS_TENSORFLOW: "/nowhere" }, "pnpm setup:gpu", undefined],
    ["webgpu", { VK_DRIVER_FILES: "/nowhere.json", VK_ICD_FILENAMES: "/nowhere.json" }, "docs/backends.md", ownDriver],
  ] as const) {
    itUnless(reason, `says how to get ${backend} where it is not set up, and computes on nothing else`, () => {
      const out = join(root, backend);
      const args = ["train", "--data", data, "--config", tiny, "--split", "all", "--backend", backend, "--out", out];
      const { stderr, status } = spawnSync(process.execPath, [cli, ...args], {
        encoding: "utf8",
        cwd: root,
        env: { ...process.env, ...nowhere },
      });
      expect(status).toBe(1);
      expect(stderr).toContain(remedy);
      expect(existsSync(out)).toBe(false);
    });
  }

  it("goes on from there with the same command, with --resume or without, and takes over what is finished", () => {
    const out = join(root, "goes-on");
    const train = (...args: string[]) =>
      eloss(
        "train",
        "--data",
        data,
        "--config",
        tiny,
        "--split",
        "all",
        "--epochs",
        "2",
        "--out",
        out,
        "--json",
        ...args,
      );
    const nothing = train("--resume");
    expect([nothing.status, nothing.stderr]).toEqual([1, expect.stringContaining("expected a run folder made by")]);
    expect(train().status).toBe(0);
    const run = runFolder(out);
    const checkpoint = readFileSync(run.checkpoint);
    // As if it had been killed in the first step.
    rmSync(run.checkpoint);
    const again = train("--resume", "--checkpoint-every", "0");
    expect(again.status, again.stderr).toBe(0);
    expect(readFileSync(run.checkpoint).equals(checkpoint)).toBe(true);
    const taken = train();
    expect(taken.stderr).toContain("finished: 2 of 2 steps; train longer with --init-weights");
    expect(JSON.parse(taken.stdout)).toEqual({
      ...JSON.parse(again.stdout),
      peakResidentBytes: expect.any(Number),
    });
  });

  it("goes on only where recipe and options are those of the run", () => {
    const out = join(root, "run");
    const config = join(root, "other.yaml");
    writeFileSync(config, readFileSync(tiny, "utf8").replace("learningRate: 0.0003", "learningRate: 0.001"));
    const before = readFileSync(join(out, "checkpoint.safetensors"));
    const resumed = (recipe: string, ...more: string[]) =>
      eloss("train", "--data", data, "--config", recipe, "--split", "all", "--out", out, "--resume", ...more);
    const refused = resumed(config, "--epochs", "1", "--entropy-loss");
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(
      "found another: recipe.training.learningRate is 0.0003 there and 0.001 here; give the recipe and options of that run",
    );
    expect(resumed(tiny, "--epochs", "1").stderr).toContain("entropyLoss is true there and false here");
    expect(resumed(tiny, "--epochs", "1", "--entropy-loss").status).toBe(0);
    expect(readFileSync(join(out, "checkpoint.safetensors")).equals(before)).toBe(true);
  });

  const noFull = existsSync("/dev/full") ? undefined : "this system has no /dev/full";
  itUnless(noFull, "trains on when nobody can read its words, and does not pass a result off as printed", () => {
    const full = openSync("/dev/full", "w");
    const out = join(root, "unheard");
    const args = [cli, "train", "--data", data, "--config", tiny, "--split", "all", "--epochs", "1", "--out", out];
    const unheard = spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", "ignore", full] });
    expect(unheard.status).toBe(0);
    const unprinted = spawnSync(process.execPath, args, {
      cwd: root,
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    closeSync(full);
    expect(unprinted.stderr).toContain("eloss: cannot print the result: ENOSPC");
    expect(unprinted.status).toBe(1);
  });

  it("does not write over a run", () => {
    const { stderr, status } = eloss("train", "--data", data, "--config", tiny, "--split", "all", "--out", data);
    expect(status).toBe(1);
    expect(stderr).toContain("expected a new or empty folder");
    expect(readFileSync(join(data, "training", "velodyne", "000000.bin")).length).toBeGreaterThan(0);
  });
});
