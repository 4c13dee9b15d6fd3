#!/usr/bin/env node
/**
 * Predicts data-parallel training on many nodes by scripts/scale/model.mjs from scripts/scale/measured.json, and puts the table into docs/scale.md
 * between `<!-- prediction -->` and `<!-- end -->`. With --check nothing is written: status 1 if the page is not what would be.
 *
 *     node scripts/predict-scale.mjs [--check]
 */
import { readFileSync, writeFileSync } from "node:fs";
import { bytesSent, drawsOf, seeded, simulateSteps } from "./scale/model.mjs";

const { network, perNumber, frame, looking } = JSON.parse(
  readFileSync(new URL("./scale/measured.json", import.meta.url), "utf8"),
);
const page = new URL("../docs/scale.md", import.meta.url);

/** Seconds until a small message has come, by Gbit/s: TCP's, and remote memory's. */
const NETWORKS = [
  [10, 30e-6],
  [25, 30e-6],
  [100, 3e-6],
];

/** Seconds of a pass over one frame: measured, and as of a node that is thirty times as fast. */
const PASSES = [frame.seconds, frame.seconds / 30];

/** Frames of a shard; each rank has one shard. */
const FRAMES = [1, 4];

const { numbers } = network;
const rows = [8, 64, 512].flatMap((ranks) => NETWORKS.map(([gigabits, latency]) => row(ranks, gigabits, latency)));
const columns = PASSES.flatMap((seconds) =>
  FRAMES.map((frames) => `${milliseconds(seconds)} a frame, ${frames} a rank`),
);
const head = [
  "nodes",
  "Gbit/s",
  "MB sent",
  "exchange, ms",
  ...columns,
  `${milliseconds(PASSES[1])}, 1 a rank, exchange hidden`,
];
const table = [head, head.map(() => "---:"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const [begin, end] = ["<!-- prediction -->", "<!-- end -->"];
const text = readFileSync(page, "utf8");
const [from, to] = [text.indexOf(begin), text.indexOf(end, text.indexOf(begin))];
if (from < 0 || to < 0) throw new Error(`docs/scale.md: expected ${begin} and ${end}`);
const made = `${text.slice(0, from + begin.length)}\n\n${table}\n\n${text.slice(to)}`;
if (made !== text) {
  if (!process.argv.includes("--check")) writeFileSync(page, made);
  else {
    process.stderr.write("docs/scale.md has another table: run node scripts/predict-scale.mjs\n");
    process.exitCode = 1;
  }
}

/** One network and number of nodes, each with one rank and one shard. */
function row(ranks, gigabits, latency) {
  const job = { numbers, shards: ranks, ranks, perNumber };
  const message = { latency: latency + looking, bandwidth: (gigabits * 1e9) / 8 };
  const { allToAll, allGather } = bytesSent(job);
  const simulate = (seconds, frames) => {
    const draw = drawsOf(frame.spread, seeded());
    const pass = () => Array.from({ length: frames }, draw).reduce((sum, ratio) => sum + seconds * ratio, 0);
    return simulateSteps({ ...job, pass, network: message });
  };
  const efficiencies = PASSES.flatMap((seconds) =>
    FRAMES.map((frames) => (seconds * frames) / simulate(seconds, frames).seconds),
  );
  const fast = simulate(PASSES[1], 1);
  // Two thirds of a pass are its backward half, behind which an exchange in buckets could hide.
  const hidden = Math.min(fast.exchange, (2 / 3) * PASSES[1]);
  const cells = [ranks, gigabits, ((allToAll + allGather) / 1e6).toFixed(0), (1000 * fast.exchange).toFixed(0)];
  return [...cells, ...[...efficiencies, PASSES[1] / (fast.seconds - hidden)].map(percent)];
}

function percent(ratio) {
  return `${(100 * ratio).toFixed(0)} %`;
}

function milliseconds(seconds) {
  return seconds < 1 ? `${(1000 * seconds).toFixed(0)} ms` : `${seconds.toFixed(2)} s`;
}
