#!/usr/bin/env node
/**
 * Puts the answer, the drawings and the tables of docs/results/NAME.json (the results.json of `eloss experiment`, whose drawings lie beside
 * it as NAME-*.svg) into the page of docs/ that has a place for them, between `<!-- results NAME -->` and `<!-- end -->`. With --check
 * nothing is written: status 1 if a page is not what would be.
 *
 *     node scripts/render-results.mjs [--check]
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const docs = new URL("../docs/", import.meta.url);
const folder = new URL("../docs/results/", import.meta.url);

/** Left out: it has a row with a command for every run, which the JSON has too. */
const RUNS = "All runs";

const before = new Map(
  readdirSync(docs)
    .filter((file) => file.endsWith(".md"))
    .map((file) => [file, readFileSync(new URL(file, docs), "utf8")]),
);
const after = new Map(before);
for (const file of readdirSync(folder).filter((each) => each.endsWith(".json"))) {
  const name = file.slice(0, -".json".length);
  const results = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
  const [begin, end] = [`<!-- results ${name} -->`, "<!-- end -->"];
  const [page, text] = [...after].find(([, each]) => each.includes(begin)) ?? [];
  const from = text?.indexOf(begin);
  const to = text?.indexOf(end, from);
  if (!(to >= 0)) throw new Error(`docs/*.md: expected ${begin} and ${end} for docs/results/${file}`);
  after.set(page, `${text.slice(0, from + begin.length)}\n\n${render(name, results)}\n${text.slice(to)}`);
}

for (const [page, text] of after) {
  if (text === before.get(page)) continue;
  if (!process.argv.includes("--check")) writeFileSync(new URL(page, docs), text);
  else {
    process.stderr.write(`docs/${page} is not made from docs/results/*.json: run node scripts/render-results.mjs\n`);
    process.exitCode = 1;
  }
}

/** One experiment as Markdown. @param name of its file, without .json */
function render(name, { question, answer, paper, data, facts, made, differences = [], tables, runs }) {
  const kinds = [...new Set(runs.map(({ state }) => state.kind))];
  const number = (kind) => runs.filter(({ state }) => state.kind === kind).length;
  const count = kinds.map((kind) => `${number(kind)} ${kind}`).join(", ") || "none needed";
  const about = [...facts.map(([label, value]) => `${label}: ${value}`), `Runs: ${count}`, made.slice(0, 10)];
  return [
    `**Question.** ${question}`,
    ...(answer === undefined ? [] : [`**Answer.** ${answer}`]),
    ...differences.map(({ id, title, note }) => `![${title}](results/${name}-${id}.svg)\n\n*${note}*`),
    `**The paper.** ${paper}`,
    `**Data.** ${data.name}: ${data.description} ${about.join("; ")}.`,
    ...tables.filter(({ title }) => title !== RUNS).map(table),
  ].join("\n\n");
}

/** Rows of comparisons and arms whose runs have not been made are left out. */
function table({ title, note, columns, rows }) {
  const counted = columns.findIndex((name) => ["pairs", "runs", "seeds"].includes(name));
  const made = counted < 0 ? rows : rows.filter((row) => row[counted] !== 0);
  const line = (cells) =>
    `| ${cells
      .map((cell) =>
        String(cell ?? "–")
          .replaceAll("|", "\\|")
          .replaceAll("\n", " "),
      )
      .join(" | ")} |`;
  const rule = `| ${columns.map((_, i) => (i === 0 ? "---" : "---:")).join(" | ")} |`;
  return [`**${title}${title.endsWith("?") ? "" : "."}** ${note}`, "", line(columns), rule, ...made.map(line)].join(
    "\n",
  );
}
