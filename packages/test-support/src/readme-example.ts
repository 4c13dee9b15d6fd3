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

/** Blocks of js or ts in a README whose next block, of no language or text, is what they print. */
export function findExamples(markdown: string): ReadmeExample[] {
  const blocks = [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  return blocks.flatMap(([, language, code], i) => {
    const [, shown, output] = blocks[i + 1] ?? [];
    return /^[jt]s$/.test(language) && (shown === "" || shown === "text") ? [{ code, output }] : [];
  });
}

/** The first of them. */
export function findExample(markdown: string): ReadmeExample {
  const [example] = findExamples(markdown);
  if (example === undefined) throw new Error("findExample: expected a block of js or ts, and one of its output");
  return example;
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
 * Tests that the examples in a package's README run against the built package and print what the README says.
 * @param folder of the package
 * @param reason why they print something else here, if so
 */
export function testReadmeExample(folder: string, reason?: string): void {
  const elsewhere = temporaryFolder("readme-example");
  const examples = findExamples(readFileSync(join(folder, "README.md"), "utf8"));
  for (const [i, { code, output }] of examples.entries()) {
    itUnless(reason, `the README's example ${i + 1} of ${examples.length} prints what the README says`, () => {
      // Modules are found from the package's folder; files that the example writes go elsewhere.
      const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module"], {
        cwd: folder,
        input: `process.chdir(${JSON.stringify(elsewhere)});\n${code}`,
        encoding: "utf8",
      });
      expect(status, stderr).toBe(0);
      expectPrinted(stdout, output);
    });
  }
}
