import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { describeUnless, temporaryFolder } from "test-support";
import { chromiumMissing } from "test-support/chromium";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConfigurationData, configurationHtml } from "../src/index.js";
import { startBrowser, withFile } from "./browser.js";
import { sampleFrame } from "./sample-report.js";

/** Two classes, of which the second scan has an object out of the range and one of another class. */
function sampleConfiguration(change: Partial<ConfigurationData> = {}): ConfigurationData {
  const [first, second] = [sampleFrame("first", 2), sampleFrame("second", 1)];
  const bus = { type: "Bus", box: [20, -6, -0.5, 12, 2.5, 3, 0] };
  const far = { type: "Car", box: [44, 0, -1, 4, 1.7, 1.5, 0] };
  const car = { labelled: 5, seen: 4, inRange: 3, anchorSize: [4, 1.7, 1.5], anchorBottom: -1.7 };
  return {
    title: "Configuration of sample",
    description: "Made up.",
    commands: ["eloss train --data sample"],
    pointRange: [0, -20, -3, 40, 20, 1],
    cell: [0.4, 0.4],
    classes: [
      { ...car, name: "Car", boxes: first.truth!.map(({ box }) => Array.from(box)) },
      { ...car, name: "<b>Van</b>", boxes: [[10, 0, -0.5, 6, 2, 2.4, 0]] },
    ],
    frames: [
      { ...first, detections: [] },
      { ...second, truth: [...second.truth!, bus, far], detections: [] },
    ],
    reasons: [
      ["class Car", "5 labelled", "labels Car"],
      ["  anchor", "4 x 1.7 x 1.5 m", "medians"],
    ],
    recipe: "name: sample\n",
    ...change,
  };
}

describe("configurationHtml", () => {
  it("refuses a range that is none, no frames and boxes without seven numbers", () => {
    expect(() => configurationHtml(sampleConfiguration({ pointRange: [0, 0, 0, 1, 0, 1] }))).toThrow(
      "configurationHtml: expected 6 growing numbers for pointRange, got [0,0,0,1,0,1]",
    );
    expect(() => configurationHtml(sampleConfiguration({ frames: [] }))).toThrow("expected one frame or more");
    const [car] = sampleConfiguration().classes;
    expect(() => configurationHtml(sampleConfiguration({ classes: [{ ...car, boxes: [[1, 2]] }] }))).toThrow(
      "expected boxes of 7 finite numbers for Car, got [1,2]",
    );
  });
});

describeUnless(chromiumMissing, "the page of a configuration in a browser", () => {
  const path = join(temporaryFolder("configuration-page"), "page.html");
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  it.each([
    { viewport: { width: 1440, height: 900 }, colorScheme: "light" as const },
    { viewport: { width: 360, height: 800 }, colorScheme: "dark" as const },
  ])("draws scans, range, boxes and anchors: %j", async (options) => {
    writeFileSync(path, configurationHtml(sampleConfiguration()));
    await withFile(browser, { path, ...options }, async ({ page, complaints, requests }) => {
      expect(await page.locator(".plan .labelled").count()).toBe(2);
      expect(await page.locator(".status").textContent()).toBe("Scan first: 2 Car; 0 outside the range");
      await page.locator("select").selectOption({ label: "second" });
      expect(await page.locator(".status").textContent()).toBe("Scan second: 2 Car, 1 Bus; 1 outside the range");
      expect(await page.locator(".plan .labelled.other title").textContent()).toBe(
        "Bus at 20.0, -6.0; 12.0 × 2.5 × 3.0 m",
      );
      expect(await page.locator(".plan-legend li").allTextContents()).toEqual([
        "Car",
        "<b>Van</b>",
        "not configured",
        "range",
      ]);
      // To scale: the range is 40 of 56 metres wide, and y grows upwards.
      const [plan, range] = await Promise.all(
        [".plan svg", ".plan .range"].map(async (at) => (await page.locator(at).first().boundingBox())!),
      );
      const drawnWidth = Math.min(plan.width, plan.height);
      expect(range.width / drawnWidth).toBeCloseTo(40 / 56, 1);
      const [bus, sensor] = await Promise.all(
        [".plan .other", ".plan .sensor"].map(async (at) => (await page.locator(at).boundingBox())!),
      );
      expect(bus.y).toBeGreaterThan(sensor.y);
      // From above the anchor in two directions, from the side once.
      expect(await page.locator("figure").first().locator(".anchor").count()).toBe(3);
      expect(await page.locator(".reason-row").count()).toBe(2);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(options.viewport.width);
      expect([complaints, requests]).toEqual([[], []]);
    });
  });
});
