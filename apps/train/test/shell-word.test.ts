import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { shellWord } from "../src/commands/shell-word.js";

describe.skipIf(process.platform === "win32")("a word of a printed command", () => {
  it.each(["a b", "$HOME/`id`", 'it\'s "so"', "a\\b!c", "*?[x]~", "first\nsecond", "", "数据", "a;b&c|d"])(
    "comes to a program as it is: %j",
    (text) => {
      const { stdout } = spawnSync("sh", ["-c", `printf %s ${shellWord(text)}`], { encoding: "utf8" });
      expect(stdout).toBe(text);
    },
  );

  it("stays bare where it is a plain path", () => {
    expect(["runs/mine-seed0", "/data/KITTI", "a=b,c"].map(shellWord)).toEqual([
      "runs/mine-seed0",
      "/data/KITTI",
      "a=b,c",
    ]);
  });
});
