import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { expectClose } from "./expect-close.js";
import { itUnless } from "./skip-with-reason.js";
import { temporaryFolder } from "./temporary-folder.js";

export interface ReadmeExample {
  readonly code: string;
  /** what it prints */
  readonly output: string;
}

/**
 * Blocks of js or ts in a README whose next block, of no language or text, is what they print.
 * @throws Error if there are none
 */
export function findExamples(markdown: string): ReadmeExample[] {
  const blocks = [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  const examples = blocks.flatMap(([, language, code], i) => {
    const [, shown, output] = blocks[i + 1] ?? [];
    return /^[jt]s$/.test(language) && (shown === "" || shown === "text") ? [{ code, output }] : [];
  });
  if (examples.length === 0) throw new Error("findExamples: expected a block of js or ts, and one of its output");
  return examples;
}

/** The first of them. */
export function findExample(markdown: string): ReadmeExample {
  return findExamples(markdown)[0];
}

const number = /-?\d+(?:\.\d+)?(?:e[-+]\d+)?/g;

/**
 * Fails unless `printed` is `expected`, but for the last digits of numbers that are no whole ones: float32 sums depend on the
 * processor's vectors.
 */
export function expectPrinted(printed: string, expected: string): void {
  expect(printed.trimEnd().replace(number, "0")).toBe(expected.trimEnd().replace(number, "0"));
  const numbers = (text: string) => (text.match(number) ?? []).map(Number);
  for (const [i, wanted] of numbers(expected).entries()) {
    const relative = Number.isInteger(wanted) ? 0 : 1e-4;
    expectClose(numbers(printed)[i], wanted, { relative, label: `printed number ${i}` });
  }
}

/**
 * Runs an example and fails unless it prints what it should.
 * @param folders `modules`: where its packages are found from; `files`: where those that it reads and writes are
 */
export function expectExample(
  { code, output }: ReadmeExample,
  { modules, files }: { readonly modules: string; readonly files: string },
): void {
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module"], {
    cwd: modules,
    input: `process.chdir(${JSON.stringify(files)});\n${code}`,
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  expectPrinted(stdout, output);
}

/**
 * Tests that the examples in a package's README run against the built package and print what the README says.
 * @param folder of the package
 * @param reason why they print something else here, if so
 */
export function testReadmeExample(folder: string, reason?: string): void {
  const files = temporaryFolder("readme-example");
  const examples = findExamples(readFileSync(join(folder, "README.md"), "utf8"));
  for (const [i, example] of examples.entries()) {
    itUnless(reason, `the README's example ${i + 1} of ${examples.length} prints what the README says`, () =>
      expectExample(example, { modules: folder, files }),
    );
  }
}
