import { afterEach, expect, it, vi } from "vitest";
import { startProgress } from "../src/progress.js";

const terminal = Object.getOwnPropertyDescriptor(process.stderr, "isTTY");

afterEach(() => {
  vi.restoreAllMocks();
  if (terminal) Object.defineProperty(process.stderr, "isTTY", terminal);
  else Reflect.deleteProperty(process.stderr, "isTTY");
});

/** What is written on standard error, in a terminal or not, while `done` frames of four are made. */
function written(isTTY: boolean, done: readonly number[]): string {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  Object.defineProperty(process.stderr, "isTTY", { value: isTTY, configurable: true });
  const progress = startProgress("frames", { total: 4, done: 0 });
  for (const now of done) progress.update(now);
  progress.stop();
  const text = write.mock.calls.map(([part]) => part).join("");
  write.mockRestore();
  return text;
}

it("a bar ends where it is, not where it began: what others have printed since stays", () => {
  const text = written(true, [0, 2, 4]);
  expect(text).toMatch(/frames .* 100% \| 4\/4 /);
  expect(text).not.toContain("\u001b8");
});

it("reckons no time from frames that were there", () => {
  expect(written(true, [0])).toMatch(/0\/4 \| 0s left/);
  expect(written(false, [0])).toBe("");
});

it("writes a line for each tenth of the work where there is no terminal", () => {
  expect(written(false, [0, 1, 2]).trim().split("\n")).toEqual([
    expect.stringMatching(/^frames 1\/4 \| \d+s left$/),
    expect.stringMatching(/^frames 2\/4 \| \d+s left$/),
  ]);
});
