import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let folder: string;
let script: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "eloss-stop-"));
  script = join(folder, "wait.mjs");
  const module = new URL("../src/system/stop-signal.ts", import.meta.url).href;
  // Works until it is asked to stop, then for as long again as the argument says, as a step would. A second argument makes
  // it wait until its parent has gone before it listens.
  writeFileSync(
    script,
    `import { listenForStop } from ${JSON.stringify(module)};
     if (process.argv[3]) while (process.connected) await new Promise((resolve) => setTimeout(resolve, 10));
     const stop = listenForStop("stopping");
     process.stdout.write("ready\\n");
     const timer = setInterval(() => {
       if (!stop.requested) return;
       clearInterval(timer);
       setTimeout(() => { process.stdout.write("kept: " + stop.reason + "\\n"); stop.release(); }, Number(process.argv[2]));
     }, 10);`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const GONE = "the process that started it has ended or let it go";

function start(...args: string[]): ChildProcess {
  const tsx = import.meta.resolve("tsx");
  return spawn(process.execPath, ["--import", tsx, script, ...args], { stdio: ["ignore", "pipe", "pipe", "ipc"] });
}

/** What a process said until it ended, and how it ended, after `ask` was done to it. */
async function afterAsking(
  ask: (child: ChildProcess) => void,
  goesOn = 1500,
  child = start(String(goesOn)),
): Promise<{ said: string; code: unknown }> {
  let said = "";
  child.stdout!.on("data", (text) => {
    if (!said.includes("ready") && String(text).includes("ready")) ask(child);
    said += text;
  });
  child.stderr!.on("data", (text) => {
    said += text;
  });
  const [[code]] = await Promise.all([once(child, "exit"), once(child.stdout!, "end"), once(child.stderr!, "end")]);
  return { said, code };
}

describe("listenForStop", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1"] as const)("%s is a wish to stop", async (name) => {
    expect(await afterAsking((child) => child.kill(name))).toEqual({
      said: `ready\n\nstopping\nkept: ${name}\n`,
      code: 0,
    });
  });

  it("so is the end of the parent that holds a channel to it", async () => {
    const { said, code } = await afterAsking((child) => child.disconnect());
    expect({ said, code }).toEqual({ said: `ready\n\nstopping\nkept: ${GONE}\n`, code: 0 });
  });

  it("and if that came before anybody listened", async () => {
    const child = start("1500", "late");
    child.disconnect();
    const { said, code } = await afterAsking(() => {}, 1500, child);
    expect(said.replace(/ready\n|\nstopping\n/g, "")).toBe(`kept: ${GONE}\n`);
    expect(code).toBe(0);
  });

  it("takes two signals at once, or different ones, for one wish", async () => {
    const both = (child: ChildProcess) => {
      child.kill("SIGINT");
      child.kill("SIGINT");
      child.kill("SIGTERM");
    };
    const { said, code } = await afterAsking(both);
    expect(said).toMatch(/^ready\n\nstopping\nkept: SIG(INT|TERM)\n$/); // which comes first is the system's choice
    expect(code).toBe(0);
  });

  it("ends at once at the same signal a second later", async () => {
    const again = (child: ChildProcess) => {
      child.kill("SIGINT");
      const timer = setInterval(() => child.kill("SIGINT"), 1200);
      child.once("exit", () => clearInterval(timer));
    };
    expect(await afterAsking(again, 100_000)).toEqual({ said: "ready\n\nstopping\n", code: 130 });
  });
});
