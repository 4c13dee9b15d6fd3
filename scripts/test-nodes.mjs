// `pnpm test:nodes [VERSION ...]`: a short training, an evaluation and inference of the built command on every Node that is supported,
// each taken from npm's package `node`. Checkpoints and detections have to be the same bytes on all.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const fileOf = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const eloss = fileOf("apps/train/dist/cli.js");
const versions = process.argv.length > 2 ? process.argv.slice(2) : ["20.19", "22", "24", "26"];
const work = mkdtempSync(join(tmpdir(), "test-nodes-"));
const data = join(work, "data");

run(process.execPath, [
  fileOf("packages/kitti-sim/dist/cli.js"),
  data,
  "--train",
  "4",
  "--val",
  "2",
  "--field",
  "camera",
]);
const results = versions.map(tryNode);
rmSync(work, { recursive: true });
const same = results.every(({ sum }) => sum === results[0].sum);
console.log(same ? "the same bytes on all" : "DIFFERENT BYTES");
process.exit(same ? 0 : 1);

function tryNode(version) {
  const out = join(work, version);
  const node = (...args) => run("npx", ["-y", "-p", `node@${version}`, "node", ...args]);
  const exact = node("--version").trim();
  node(
    eloss,
    "train",
    "--data",
    data,
    "--config",
    "second-mini",
    "--entropy-loss",
    "--epochs",
    "1",
    "--seed",
    "0",
    "--out",
    out,
  );
  node(eloss, "eval", "--data", data, "--run", out);
  const found = join(out, "predictions", "val");
  const files = [
    join(out, "checkpoint.safetensors"),
    ...readdirSync(found)
      .sort()
      .map((name) => join(found, name)),
  ];
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(file));
  const sum = hash.digest("hex");
  console.log(`${exact}: ${sum.slice(0, 16)} (${files.length} files)`);
  return { exact, sum };
}

/** What a command prints. */
function run(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", cwd: work });
  if (status === 0) return stdout;
  console.error(`\`${[command, ...args].join(" ")}\` ended with ${status}:\n${stdout}${stderr}`);
  process.exit(1);
}
