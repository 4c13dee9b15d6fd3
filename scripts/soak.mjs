// Trains thousands of steps and infers thousands of frames in one process each, and watches what the system gives them: memory, open
// files and threads must not grow. After a build, on Linux.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const HELP = `node scripts/soak.mjs [--steps N] [--frames N] [--every MS]

  --steps N   training steps of a tiny detector, default 5000
  --frames N  frames to infer with it, default 5000
  --every MS  between two looks at /proc, default 500

Prints, for training and inference, the most of resident memory, open files and threads in the second and in the last quarter of
the time (the first is for warming up). Exit status: 0 nothing has grown, 1 something has.
`;

/** How much more memory the last quarter may take: late compiled code and fragments of the heap. */
const MARGIN = 16 * 2 ** 20;

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "5000" },
    frames: { type: "string", default: "5000" },
    every: { type: "string", default: "500" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

const FRAMES = 4;
const fileOf = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const eloss = fileOf("apps/train/dist/cli.js");
const root = mkdtempSync(join(tmpdir(), "eloss-soak-"));
const [data, run] = [join(root, "data"), join(root, "run")];
const sim = [fileOf("packages/kitti-sim/dist/cli.js"), data, "--train", FRAMES, "--val", 0, "--field", "camera"];
const { status, stderr } = spawnSync(process.execPath, sim.map(String), { encoding: "utf8" });
if (status !== 0) throw new Error(stderr);

const passes = (count) => String(Math.ceil(Number(count) / FRAMES));
const training = await watch([
  ...[
    eloss,
    "train",
    "--data",
    data,
    "--split",
    "train",
    "--config",
    fileOf("apps/train/test/fixtures/tiny.yaml"),
    "--out",
    run,
  ],
  ...["--entropy-loss", "--batch-size", "1", "--epochs", passes(values.steps), "--checkpoint-every", "1"],
]);
const inference = await watch([
  ...[eloss, "infer", "--run", run, "--data", data, "--split", "train", "--repeat", passes(values.frames)],
]);
rmSync(root, { recursive: true });

process.stdout.write("            seconds   MiB, quarter 2   quarter 4   files   then   threads   then\n");
const verdicts = [report("train", training), report("infer", inference)];
process.exitCode = verdicts.every(Boolean) ? 0 : 1;

/** Runs a command with a small heap, so that garbage is collected before it can look like a leak. */
async function watch(args) {
  const limits = ["--max-semi-space-size=2", "--max-old-space-size=192"];
  const child = spawn(process.execPath, [...limits, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (text) => {
    said = (said + text).slice(-2000);
  });
  const looks = [];
  const timer = setInterval(() => looks.push(lookAt(child.pid)), Number(values.every));
  const [code, signal] = await once(child, "exit");
  clearInterval(timer);
  if (code !== 0) throw new Error(`${args.join(" ")} ended by ${code ?? signal}:\n${said}`);
  return looks.filter((look) => look !== undefined);
}

function lookAt(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/status`, "utf8");
    const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)[1]);
    return { resident: 1024 * field("VmRSS"), threads: field("Threads"), files: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return undefined; // it has just ended
  }
}

function report(name, looks) {
  const quarter = (number) =>
    looks.slice(Math.floor((looks.length * number) / 4), Math.floor((looks.length * (number + 1)) / 4));
  const most = (number, of) => Math.max(...quarter(number).map((look) => look[of]));
  const [before, after] = [1, 3].map((number) => ({
    resident: most(number, "resident"),
    files: most(number, "files"),
    threads: most(number, "threads"),
  }));
  const flat =
    after.resident <= before.resident + MARGIN && after.files <= before.files && after.threads <= before.threads;
  const mebibytes = ({ resident }) => (resident / 2 ** 20).toFixed(1);
  const seconds = ((looks.length * Number(values.every)) / 1000).toFixed(0);
  const cells = [
    [seconds, 12],
    [mebibytes(before), 17],
    [mebibytes(after), 12],
    [before.files, 8],
    [after.files, 7],
    [before.threads, 10],
    [after.threads, 7],
  ];
  const line = cells.map(([cell, width]) => String(cell).padStart(width)).join("");
  process.stdout.write(`${name.padEnd(7)}${line}   ${flat ? "flat" : "GROWS"}\n`);
  return flat;
}
