import { spawn } from "node:child_process";

const OPENERS: Partial<Record<NodeJS.Platform, string>> = { darwin: "open", win32: "explorer" };

/** Asks the desktop to show a file or address; where there is none, says so and goes on. */
export function openInBrowser(target: string): void {
  const child = spawn(OPENERS[process.platform] ?? "xdg-open", [target], { stdio: "ignore", detached: true });
  child.on("error", () => process.stderr.write(`no browser could be started; open ${target} yourself\n`));
  child.unref();
}
