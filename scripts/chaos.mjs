// Kills, stops, pauses and starves the commands of this repository at random points, deletes files between two tries, runs the
// same command again until it is through, and compares all that it leaves with what an undisturbed one left. After a build.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { attempt } from "./chaos/attempt.mjs";
import { fixture, scenarios } from "./chaos/scenarios.mjs";
import { differing, snapshot } from "./chaos/snapshot.mjs";

const HELP = `node scripts/chaos.mjs [--rounds N] [--seed S] [--only NAMES] [--keep]

In each round one command (${Object.keys(scenarios).join(", ")}) is disturbed up to three times, then left alone until it ends
well; every file that it leaves must be what it leaves undisturbed (SHA-256; JSON without times), with no file more.

  --rounds N    default 12, shared among the commands
  --seed S      of the disturbances, default 0; a round is the same again with the same seed
  --only NAMES  commands, with commas
  --keep        keep the folders of all rounds, not only of those that failed

The disturbances come at the n-th write, counted by a wrapper of node:fs (scripts/chaos/faulty-fs.mjs), or after some milliseconds:
SIGKILL before, within or after a write; SIGTERM, SIGINT, SIGHUP, SIGUSR1; SIGSTOP, a second process that tries the same, SIGCONT; a
disk that is full for some writes. Exit status: 0 all rounds came out the same, 1 some did not.
`;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "12" },
    seed: { type: "string", default: "0" },
    only: { type: "string", default: Object.keys(scenarios).join(",") },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const names = values.only.split(",");
for (const name of names) if (!(name in scenarios)) throw new Error(`--only: expected commands, got ${name}\n${HELP}`);

const STOPS = ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1"];
const KINDS = ["kill", "kill", "half", "after", "stop", "SIGSTOP", "full", "later", "later"];
/** Tries without a disturbance that a command has to end well. */
const CALM = 3;

const root = mkdtempSync(join(tmpdir(), "eloss-chaos-"));
const base = join(root, "base");
for (const args of fixture(base)) await undisturbed(args);
const references = new Map();
for (const name of names) references.set(name, await reference(name));

const table = new Map(names.map((name) => [name, { rounds: 0, tries: 0, failed: 0, kinds: {} }]));
for (let round = 0; round < Number(values.rounds); round++) {
  const name = names[round % names.length];
  const row = table.get(name);
  const work = join(root, `round-${round}`);
  const { tries, problems } = await disturbed(name, { work, random: randomOf(`${values.seed} ${round}`) });
  row.rounds += 1;
  row.tries += tries.length;
  for (const { kind } of tries) row.kinds[kind] = (row.kinds[kind] ?? 0) + 1;
  if (problems.length === 0 && !values.keep) rmSync(work, { recursive: true });
  if (problems.length === 0) continue;
  row.failed += 1;
  process.stderr.write(`round ${round} (${name}, seed ${values.seed}) in ${work}:\n`);
  for (const { kind, fault, status, signal, said, removed } of tries) {
    process.stderr.write(
      `  ${kind} ${JSON.stringify(fault)} ended by ${status ?? signal}${removed ? `, then lost ${removed}` : ""}\n`,
    );
    process.stderr.write(`${said.replace(/^/gm, "    | ").slice(-1500)}\n`);
  }
  for (const problem of problems) process.stderr.write(`  WRONG: ${problem}\n`);
}
report(table);
const failed = [...table.values()].some((row) => row.failed > 0);
if (!failed && !values.keep) rmSync(root, { recursive: true });
process.exitCode = failed ? 1 : 0;

async function undisturbed(args) {
  const { status, said } = await attempt(args);
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}:\n${said}`);
}

/** What a command leaves undisturbed, how often it writes and how long it takes. */
async function reference(name) {
  const { args, prepare, commands, ignored } = scenarios[name];
  const work = join(root, `reference-${name}`);
  mkdirSync(work, { recursive: true });
  prepare?.({ base, work });
  const countFile = join(root, `writes-${name}`);
  const started = performance.now();
  const count = { command: commands[0], how: "count", at: 0 };
  const end = await attempt(args({ base, work, random: () => 0 }), count, { cwd: root, countFile });
  if (end.status !== 0) throw new Error(`${name} ended with ${end.status}:\n${end.said}`);
  const milliseconds = performance.now() - started;
  const writes = Number(readFileSync(countFile, "utf8"));
  return { files: snapshot(work, ignored), writes, milliseconds };
}

async function disturbed(name, { work, random }) {
  const { args, prepare, commands, removable, ignored } = scenarios[name];
  const { files, writes, milliseconds } = references.get(name);
  mkdirSync(work, { recursive: true });
  prepare?.({ base, work });
  const tries = [];
  const problems = [];
  const disturbances = 1 + Math.floor(3 * random());
  for (let number = 0; number < disturbances + CALM; number++) {
    const fault = number < disturbances ? randomFault({ commands, writes, milliseconds, random }) : undefined;
    const end = await attempt(args({ base, work, random }), fault, { cwd: root });
    const kind =
      fault === undefined
        ? "none"
        : fault.after !== undefined
          ? "later"
          : STOPS.includes(fault.how)
            ? "stop"
            : fault.how;
    tries.push({ kind, fault, ...end });
    for (const rival of end.badRivals) problems.push(`a second process ended with ${rival.status}: ${rival.said}`);
    if (end.status === 0) break;
    if (number < disturbances && random() < 0.4) tries.at(-1).removed = removeOne(work, removable, random);
  }
  if (tries.at(-1).status !== 0) problems.push("the same command does not go on");
  else for (const file of differing(files, snapshot(work, ignored))) problems.push(`${file} differs`);
  return { tries, problems };
}

function randomFault({ commands, writes, milliseconds, random }) {
  const pick = (list) => list[Math.floor(list.length * random())];
  const kind = pick(KINDS);
  if (kind === "later") return { how: pick(["SIGKILL", "SIGTERM"]), after: Math.floor(milliseconds * random()) };
  const how = kind === "stop" ? pick(STOPS) : kind;
  const command = how === "SIGSTOP" ? commands[0] : pick(commands);
  const at = 1 + Math.floor(writes * random());
  return { command, how, at, ...(how === "full" && { for: 1 + Math.floor(8 * random()) }) };
}

function removeOne(work, removable, random) {
  const entries = readdirSync(work, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries
    .map(({ parentPath, name }) => join(parentPath, name).slice(work.length + 1))
    .filter((path) => removable.test(path));
  if (paths.length === 0) return undefined;
  const path = paths.sort()[Math.floor(paths.length * random())];
  rmSync(join(work, path));
  return path;
}

/** Uniform numbers in [0, 1) from a text (splitmix32 on its FNV-1a hash). */
function randomOf(text) {
  let state = 2166136261;
  for (const char of text) state = Math.imul(state ^ char.charCodeAt(0), 16777619);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
  };
}

function report(rows) {
  const kinds = [...new Set(KINDS), "none"];
  const line = (cells) =>
    `${cells.map((cell, i) => (i === 0 ? String(cell).padEnd(12) : String(cell).padStart(8))).join("")}\n`;
  process.stdout.write(line(["command", "rounds", "tries", ...kinds, "wrong"]));
  for (const [name, row] of rows) {
    process.stdout.write(line([name, row.rounds, row.tries, ...kinds.map((kind) => row.kinds[kind] ?? 0), row.failed]));
  }
}
