// Runs the commands of docs/own-data.md on labelled scans of three other sensors, and says what came of it.
//
//   node scripts/own-data.mjs [OUT] [SET...]       OUT: where it works, build/own-data by default; SET: some of the folders
//
// The scans are not part of the repository: they lie in ../shared/lidar-samples where they are at all. Each set is copied to
// OUT/SET/my-scans, so that the commands are those of the page, letter by letter but for the name of the frame that is viewed. Killed,
// it goes on with what is in OUT; delete that to begin anew. Exit status: 0 also where there are no scans, which it says; 1 if a
// command fails or a main class is found worse than promised.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SAMPLES = join(ROOT, "../shared/lidar-samples");
/** The class that each set has most of, of those that drive. */
const MAIN_CLASSES = { sustech: "Car", "av2-openpcdet": "REGULAR_VEHICLE", nuscenes: "car" };
/** Percent of what a perfect detector gets in the same table. */
const PROMISED = 60;
const MOST_EPOCHS = 40;

const [out = join(ROOT, "build/own-data"), ...asked] = process.argv.slice(2);
const sets = asked.length === 0 ? Object.keys(MAIN_CLASSES) : asked;
if (!existsSync(SAMPLES)) {
  console.log(`skipped: no scans in ${SAMPLES}, which are not part of the repository`);
  process.exit(0);
}

const commands = commandsOfPage();
const summary = join(out, "summary.json");
let rows = existsSync(summary) ? JSON.parse(readFileSync(summary, "utf8")) : [];
for (const set of sets) {
  rows = [...rows.filter((row) => row.set !== set), tryOut(set)];
  writeFileSync(summary, `${JSON.stringify(rows, undefined, 2)}\n`);
}
console.log(table(rows));
const worse = rows.filter(({ share, epochs }) => share < PROMISED || epochs > MOST_EPOCHS);
if (worse.length > 0) console.log(`not as promised: ${worse.map(({ set }) => set).join(", ")}`);
process.exit(worse.length > 0 ? 1 : 0);

/** The lines of the page's first block of commands. */
function commandsOfPage() {
  const page = readFileSync(join(ROOT, "docs/own-data.md"), "utf8");
  const block = /```sh\n(eloss configure [\s\S]*?)```/.exec(page);
  if (block === null)
    throw new Error("docs/own-data.md: expected a block of commands that begins with eloss configure");
  return block[1].trim().split("\n");
}

function tryOut(set) {
  const folder = resolve(out, set);
  mkdirSync(folder, { recursive: true });
  cpSync(join(SAMPLES, set), join(folder, "my-scans"), { recursive: true, preserveTimestamps: true });
  const seconds = {};
  for (const line of commands) {
    const words = line
      .replace("000000", firstFrame(join(folder, "my-scans")))
      .split(" ")
      .slice(1);
    if (words[0] === "configure" && existsSync(join(folder, "my-scans.yaml"))) continue;
    console.log(`${set}: eloss ${words.join(" ")}`);
    const started = performance.now();
    const { status, stdout } = spawnSync(process.execPath, [join(ROOT, "apps/train/dist/cli.js"), ...words], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
    seconds[words[0]] = (performance.now() - started) / 1000;
    writeFileSync(join(folder, `${words[0]}.txt`), stdout);
    if (status !== 0) throw new Error(`${set}: expected status 0, got ${status} of eloss ${words.join(" ")}`);
  }
  return { set, ...outcome(folder, MAIN_CLASSES[set]), seconds };
}

function firstFrame(data) {
  const scans = ["points", "lidar"].map((name) => join(data, name)).find(existsSync);
  return readdirSync(scans)
    .sort()[0]
    .replace(/\.[^.]*$/, "");
}

/** What the run's own files say of it. */
function outcome(folder, name) {
  const run = join(folder, "runs/my-scans-seed0");
  const { tables } = JSON.parse(readFileSync(join(run, "eval.json"), "utf8"));
  const { all, objects, overlap } = tables.classes.find((of) => of.name === name);
  const steps = readFileSync(join(run, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const times = steps.map((step) => step.seconds).sort((a, b) => a - b);
  return {
    name,
    frames: tables.frames,
    objects,
    overlap,
    bev: all.ap.bev,
    perfect: all.ceiling,
    share: (100 * all.ap.bev) / all.ceiling,
    epochs: steps.at(-1).epoch,
    steps: steps.length,
    stepSeconds: times[Math.floor(times.length / 2)],
  };
}

function table(all) {
  const lines = all.map(({ set, name, frames, objects, bev, perfect, share, epochs, steps, stepSeconds, seconds }) => {
    const cells = [
      `\`${set}\``,
      `${frames}`,
      `${name}, ${objects}`,
      `${epochs}, ${steps}`,
      `${stepSeconds.toFixed(2)} s, ${(seconds.train / 60).toFixed(1)} min`,
      `${bev.toFixed(1)} of ${perfect.toFixed(1)}: ${share.toFixed(0)} %`,
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const head = "| data | frames | main class, objects | epochs, steps | a step, training | AP in BEV at 0.5 |";
  return [head, "| --- | --- | --- | --- | --- | --- |", ...lines].join("\n");
}
