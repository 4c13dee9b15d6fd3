import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { describeUnless, expectClose, randomFloats, seededRandom, temporaryFolder } from "test-support";
import { chromiumMissing } from "test-support/chromium";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ExplanationData, explanationHtml } from "../src/index.js";
import { packBytes } from "../src/pack-bytes.js";
import { unpackShares } from "../src/unpack-bytes.js";
import { lookAtCanvas, startBrowser, withFile } from "./browser.js";
import { sampleFrame } from "./sample-report.js";

/** Two cars, the points of one of which speak for it, and two layers in a block and one in another. */
function sampleExplanation(change: Partial<ExplanationData> = {}): ExplanationData {
  const { id, points, truth } = sampleFrame("first", 2);
  const n = points.length / 4;
  const rng = seededRandom(1);
  const near = (x: number) => Float32Array.from({ length: n }, (_, i) => (Math.abs(points[4 * i] - x) < 2 ? 0.4 : 0));
  const map = (count: number) => ({
    width: 8,
    height: 5,
    values: randomFloats(rng, 40 * count).map((value) => Math.max(0, value)),
  });
  const layer = (block: number, tap: number) => ({
    block,
    tap,
    entropy: 0.3 + 0.1 * tap,
    channels: [0, 1, 2].map((channel) => ({
      entropy: 0.1 * channel,
      neighbour: (channel + 1) % 3,
      distance: 2,
      active: 0.5,
    })),
    activity: map(1),
    maps: map(3),
  });
  return {
    title: "What <b>it</b> sees",
    description: "Made up.",
    pointRange: [0, -20, -3, 40, 20, 1],
    frame: { id, points, truth },
    methods: [
      { name: "by removal", note: "How much is left.", unit: "of the box" },
      { name: "by gradients", note: "How much it moves.", unit: "logits" },
    ],
    columns: ["Points in it", "Share"],
    objects: truth!.map((box, i) => ({
      ...box,
      score: 0.9 - 0.1 * i,
      number: i + 1,
      figures: [String(10 * i), i === 0 ? "80 %" : null],
      worth: [
        { values: near(10 + 8 * i).map((value, at) => (at % 50 === 0 ? -0.1 : value)), limit: 0.4 },
        { values: new Float32Array(n), limit: 0 },
      ],
    })),
    layers: [layer(0, 0), layer(0, 1), layer(1, 0)],
    facts: [["Draws", "500, seed 0"]],
    ...change,
  };
}

describe("packBytes", () => {
  it("keeps numbers to half a step, and draws what is beyond the limit to it", () => {
    const values = randomFloats(seededRandom(2), 500).map((value) => 3 * value);
    const packed = packBytes(values, 2);
    const expected = values.map((value) => Math.min(1, Math.max(-1, value / 2)));
    expectClose(unpackShares(packed), expected, { absolute: 0.5 / 127 + 1e-6 });
    expect([...unpackShares(packBytes(Float32Array.of(0, -2, 2), 2))]).toEqual([0, -1, 1]);
    expect(() => packBytes(values, 0)).toThrow("packBytes: expected a positive number for limit, got 0");
    expect(() => packBytes(Float32Array.of(1, Number.NaN), 1)).toThrow("got NaN at 1");
  });
});

describe("explanationHtml", () => {
  it("names what has another size", () => {
    const { objects, layers } = sampleExplanation();
    expect(() => explanationHtml(sampleExplanation({ objects: [] }))).toThrow(
      "expected one or more for objects, got none",
    );
    expect(() => explanationHtml(sampleExplanation({ columns: ["one"] }))).toThrow(
      "expected 1 for figures of object 1, got 2",
    );
    const short = { ...objects[0], worth: [objects[0].worth[0], { values: new Float32Array(3), limit: 1 }] };
    expect(() => explanationHtml(sampleExplanation({ objects: [short] }))).toThrow(
      "expected 2000 for worths of points for object 1, got 3",
    );
    const odd = { ...layers[1], maps: { ...layers[1].maps, width: 9 } };
    expect(() => explanationHtml(sampleExplanation({ layers: [odd] }))).toThrow(
      "expected 135 for cells of the channels of layer 1.2, got 120",
    );
    const lost = { ...layers[0], channels: layers[0].channels.map((channel) => ({ ...channel, neighbour: 3 })) };
    expect(() => explanationHtml(sampleExplanation({ layers: [lost] }))).toThrow(
      "expected channels of layer 1.1 as neighbours, got 3",
    );
  });
});

describeUnless(chromiumMissing, "the page of an explanation in a browser", () => {
  const path = join(temporaryFolder("explanation-page"), "page.html");
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  it.each([
    { viewport: { width: 1440, height: 900 }, colorScheme: "light" as const },
    { viewport: { width: 390, height: 844 }, colorScheme: "dark" as const },
  ])("colours points, shows layers and channels: %j", async (options) => {
    writeFileSync(path, explanationHtml(sampleExplanation()));
    await withFile(browser, { path, ...options }, async ({ page, complaints, requests }) => {
      await page.locator(".plot svg").nth(2).waitFor();
      expect(await page.getByRole("region", { name: "Explained boxes" }).locator("table").count()).toBe(1);
      expect(await page.locator("h1").textContent()).toBe("What <b>it</b> sees");
      expect(await page.locator(".status").textContent()).toMatch(/^1 Car .*score 0\.90.* 2\d\d points coloured$/);
      const first = await lookAtCanvas(page);
      expect(first.colours).toBeGreaterThan(20);
      await page.getByLabel("Object 2, Car").click();
      expect(await page.locator(".status").textContent()).toMatch(/^2 Car .*score 0\.80/);
      expect(await page.locator(".frames select").inputValue()).toBe("1");
      expect((await lookAtCanvas(page)).pixels).not.toBe(first.pixels);
      expect(await page.locator(".worth-legend span").allTextContents()).toEqual([
        "−0.40 of the box",
        "",
        "0.40 of the box",
      ]);
      await page.locator(".controls > .control select").first().selectOption({ label: "by gradients" });
      expect(await page.locator(".status").textContent()).toMatch(/ 0 points coloured$/);
      expect(await page.locator(".worth-table tbody td").allTextContents()).toEqual([
        "0.90",
        "10.2",
        "0",
        "80 %",
        "0.80",
        "18.1",
        "10",
        "–",
      ]);

      expect(await page.locator(".layer-map").count()).toBe(3);
      expect(await page.locator(".layer-map").first().locator("path").count()).toBe(2);
      expect(await page.locator(".channels button").count()).toBe(3);
      await page.getByLabel("Channel 1").click();
      expect(await page.locator(".channel-pair figcaption").allTextContents()).toEqual([
        "Channel 1: 0.100 nats, 50 % of its cells active",
        "Most like it: channel 2, at distance 2.00",
      ]);
      await page.locator("#layers .controls select").selectOption({ label: "2.1" });
      expect(await page.locator(".channels [aria-pressed=true]").getAttribute("aria-label")).toBe("Channel 0");
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(options.viewport.width);
      expect([complaints, requests]).toEqual([[], []]);
    });
  });
});
