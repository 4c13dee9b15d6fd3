#!/usr/bin/env node
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import type { Counts, Finding } from "./fuzz-target.js";
import { targetNamed, targets } from "./targets/all-targets.js";
import { KERNELS, watchKernels } from "./watch-kernels.js";
import { watchTarget } from "./watch-target.js";

interface Flags {
  readonly minutes: number;
  readonly seed: number;
  readonly only: readonly string[];
  readonly out: string;
}

const HELP = `
Targets: ${[...targets.map(({ name }) => name), KERNELS].join(", ")}

Each target in turn reads good files with a few hostile changes, in a process of its own. A finding is a crash, two seconds of
processor time, a gigabyte of memory, or an error without words, without the file's name or with characters that a terminal would
obey. Findings are written to --out, as small as they could be made: move one that was mended into apps/fuzz/corpus/TARGET.

Exit status: 0 nothing found, 1 something was.`;

const number = (least: number, most: number) => (text: string) => {
  const value = Number(text);
  if (text.trim() !== "" && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`expected a number from ${least} to ${most}, got ${JSON.stringify(text)}.`);
};

const program = new Command("fuzz")
  .description("feed faulty files, configurations and command lines to everything that reads them")
  .option("--minutes <n>", "for all targets together", number(0.01, 10_000), 10)
  .option("--seed <n>", "of the changes", number(0, 2 ** 31 - 1), 0)
  .option("--only <target>", "this target alone; may be repeated", (name, before: string[]) => [...before, name], [])
  .option("--out <dir>", "folder for findings", "fuzz-findings")
  .addHelpText("after", HELP)
  .action(async (flags: Flags) => {
    process.exitCode = await fuzz(flags);
  });

async function fuzz({ minutes, seed, only, out }: Flags): Promise<number> {
  const chosen = only.length === 0 ? [...targets.map(({ name }) => name), KERNELS] : only;
  for (const name of chosen) if (name !== KERNELS) targetNamed(name);
  const milliseconds = (60_000 * minutes) / chosen.length;
  const scratch = mkdtempSync(join(tmpdir(), "eloss-fuzz-"));
  let [inputs, found] = [0, 0];
  try {
    for (const [i, name] of chosen.entries()) {
      const job = { target: name, seed, milliseconds, folder: join(scratch, name) };
      const tell = ({ inputs: tried }: Counts) => say(`${i + 1}/${chosen.length} ${name}: ${tried} inputs`);
      const result = await (name === KERNELS ? watchKernels(job) : watchTarget(job, tell));
      inputs += result.inputs;
      found += result.findings.length;
      const share = result.inputs === 0 ? 0 : Math.round((100 * result.refused) / result.inputs);
      say(`${name}: ${result.inputs} inputs, ${share} % refused, ${result.findings.length} findings\n`);
      for (const finding of result.findings) say(`  ${finding.fault}\n  in ${writeFinding(out, finding)}\n`);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  process.stdout.write(`${inputs} inputs for ${chosen.length} targets, seed ${seed}: ${found} findings\n`);
  return found === 0 ? 0 : 1;
}

/** A line that the next one replaces, unless it ends; in a log only those that end. */
function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else if (text.endsWith("\n")) process.stderr.write(text);
}

function writeFinding(out: string, { target, input, fault }: Finding): string {
  const name = createHash("sha256").update(input).digest("hex").slice(0, 12);
  const path = join(out, target, name);
  mkdirSync(join(out, target), { recursive: true });
  writeFileSync(path, input);
  writeFileSync(`${path}.fault`, `${fault}\n`);
  return path;
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`fuzz: ${(error as Error).message}\n`);
  process.exitCode = 2;
}
