import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const candidates = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const path = [process.env.CHROMIUM_PATH, ...candidates].find((each) => each && existsSync(each));

/** Why tests in a browser cannot run here; `undefined` where there is a Chromium. */
export const chromiumMissing = path ? undefined : "no Chromium; set CHROMIUM_PATH or install it";

/** Starts headless Chromium, which asks the network for nothing of its own. */
export function startChromium(...options: string[]): Promise<Browser> {
  const quiet = ["background-networking", "component-update", "quic", "sync"].map((name) => `--disable-${name}`);
  return chromium.launch({ executablePath: path, args: ["--no-sandbox", "--no-first-run", ...quiet, ...options] });
}
