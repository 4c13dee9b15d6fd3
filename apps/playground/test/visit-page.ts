import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { readPretrained } from "second-weights";
import { expect } from "vitest";
import type { FoundObject, PretrainedDetectors } from "../src/detector.js";

const page = fileURLToPath(new URL("../dist/index.html", import.meta.url));
export const LAPTOP = { width: 1440, height: 900 };
export const PHONE = { width: 360, height: 740 };
/** Until a scan has been looked at, on a busy machine. */
export const PATIENCE = { timeout: 60_000 };

/** The weights that are in the page. */
export const published = (): PretrainedDetectors => ({
  ahead: readPretrained("second-small"),
  round: readPretrained("second-small-full"),
});

/** A page, and what it did beside. */
export interface Visit {
  readonly page: Page;
  readonly complaints: string[];
  readonly requests: string[];
}

/** Opens the built page in a window of its own. */
export async function visitPage(
  browser: Browser,
  options: BrowserContextOptions,
  use: (visit: Visit) => Promise<void>,
): Promise<void> {
  expect(existsSync(page), `${page}: expected it built`).toBe(true);
  const context = await browser.newContext(options);
  try {
    const opened = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    opened.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    opened.on("pageerror", ({ message }) => complaints.push(message));
    opened.on("request", (request) => requests.push(request.url().replace(/^(data|blob):.*/, "$1:")));
    await opened.goto(pathToFileURL(page).href);
    await use({ page: opened, complaints, requests });
  } finally {
    await context.close();
  }
}

/** What the page found, as it saves it. */
export async function savedBoxes(page: Page): Promise<FoundObject[]> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save boxes as JSON" }).click(),
  ]);
  return JSON.parse(readFileSync(await download.path(), "utf8")).objects;
}

/** What computed the boxes, in words. */
export const computedBy = (page: Page) => page.locator("section[aria-labelledby=times] .note").textContent();

/** The same objects in the same order, to 1e-3 in scores, metres and radians. */
export function expectBoxes(found: readonly FoundObject[], expected: readonly FoundObject[]): void {
  expect(found.map(({ type }) => type)).toEqual(expected.map(({ type }) => type));
  found.forEach(({ box, score }, i) => {
    expect(Math.abs(score - expected[i].score)).toBeLessThan(1e-3);
    box.forEach((value, axis) => {
      expect(Math.abs(value - expected[i].box[axis])).toBeLessThan(1e-3);
    });
  });
}
