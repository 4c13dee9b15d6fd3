import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "test-support";
import { afterEach, expect, it, vi } from "vitest";
import { prepareCommand } from "../src/commands/prepare.js";
import { startProgress } from "../src/system/progress.js";

afterEach(() => vi.restoreAllMocks());

/** What is written on standard error by a function, in a terminal or not. */
function writtenBy(isTTY: boolean, work: () => void): string {
  const terminal = Object.getOwnPropertyDescriptor(process.stderr, "isTTY");
  const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  Object.defineProperty(process.stderr, "isTTY", { value: isTTY, configurable: true });
  try {
    work();
  } finally {
    if (terminal) Object.defineProperty(process.stderr, "isTTY", terminal);
    else Reflect.deleteProperty(process.stderr, "isTTY");
  }
  return written.mock.calls.map(([text]) => text).join("");
}

it.each([true, false])("a note does not steer the terminal (a terminal: %j)", (isTTY) => {
  const text = writtenBy(isTTY, () => {
    const progress = startProgress("read", 2);
    progress.mention("frame \u001b]0;owned\u0007 is left out");
    progress.advance("\u009b2J");
    progress.stop();
  });
  for (const steering of ["\u009b", "\u0007", "\u001b]"]) expect(text).not.toContain(steering);
  expect(text).toContain("frame \\u001b]0;owned\\u0007 is left out\n");
});

it("what is mentioned stays above the bar, also what was mentioned last", () => {
  const text = writtenBy(true, () => {
    const progress = startProgress("read", 2);
    progress.mention("000001 is left out");
    progress.advance("000002");
    progress.advance("000003");
    progress.mention("000004 is left out");
    progress.stop();
  });
  expect(text).toMatch(/000001 is left out\n000004 is left out\n.*read .* 100% \| 2\/2 .*000003[^\n]*\n.*$/s);
  expect(text).not.toContain("\u001b8"); // would go back to where the bar began, over what others have printed since
});

it.skipIf(process.platform === "win32")("prepare shows frames by names without what steers a terminal", async () => {
  const root = temporaryFolder("eloss-names");
  for (const kind of ["points", "labels"]) mkdirSync(join(root, kind));
  const id = "a\u001b[2Jb";
  writeFileSync(join(root, "points", `${id}.bin`), "half");
  writeFileSync(join(root, "labels", `${id}.txt`), "");
  const told = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const said = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    await prepareCommand().parseAsync([root, "--workers", "0"], { from: "user" });
  } finally {
    process.exitCode = undefined;
  }
  const text = [...told.mock.calls, ...said.mock.calls].join("");
  expect(text).toContain("frame a\\u001b[2Jb is left out: ");
  expect(text).not.toContain("\u001b");
});
