import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { expectClose } from "./expect-close.js";
import { itUnless } from "./skip-with-reason.js";
import { temporaryFolder } from "./temporary-folder.js";

/** The first block of code in a README, and the block after it: what it prints. */
export function findExample(markdown: string): { readonly code: string; readonly output: string } {
  const example = /^```[jt]s\n(.*?)^```$.*?^```(?:text)?\n(.*?)^```$/ms.exec(markdown);
  if (example === null) throw new Error("findExample: expected a block of js or ts, and one of its output");
  return { code: example[1], output: example[2] };
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
 * A test that the example in a package's README runs against the built package and prints what the README says.
 * @param folder of the package
 * @param reason why it prints something else here, if so
 */
export function testReadmeExample(folder: string, reason?: string): void {
  const elsewhere = temporaryFolder("readme-example");
  itUnless(reason, "the README's example prints what the README says", () => {
    const { code, output } = findExample(readFileSync(join(folder, "README.md"), "utf8"));
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
