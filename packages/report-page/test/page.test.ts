import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { describeUnless, temporaryFolder } from "test-support";
import { chromiumMissing } from "test-support/chromium";
import { afterAll, beforeAll, expect, it } from "vitest";
import { experimentHtml, reportHtml, viewerHtml } from "../src/index.js";
import { lookAtCanvas, type OpenPage, startBrowser, withFile } from "./browser.js";
import {
  sampleDifferences,
  sampleExperiment,
  sampleFrame,
  sampleFrameWithImage,
  sampleReport,
  sampleTables,
} from "./sample-report.js";

const LAPTOP = { width: 1366, height: 768 };
const PHONE = { width: 390, height: 844 };

const folder = temporaryFolder("report-page");
let browser: Browser;
beforeAll(async () => {
  if (chromiumMissing === undefined) browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
});

type Options = Omit<Parameters<typeof withFile>[1], "path">;

function open(html: string, options: Options, use: (opened: OpenPage) => Promise<void>): Promise<void> {
  const path = join(folder, "page.html");
  writeFileSync(path, html);
  return withFile(browser, { path, ...options }, use);
}

const status = ({ page }: OpenPage) => page.locator(".status").textContent();

describeUnless(chromiumMissing, "a report in a browser", () => {
  it.each([
    { name: "laptop, light", viewport: LAPTOP, colorScheme: "light" as const },
    { name: "laptop, dark", viewport: LAPTOP, colorScheme: "dark" as const },
    { name: "phone, dark", viewport: PHONE, colorScheme: "dark" as const },
  ])("draws all of itself from a file, without complaint or request: $name", async ({ viewport, colorScheme }) => {
    await open(reportHtml(sampleReport()), { viewport, colorScheme }, async ({ page, ...heard }) => {
      await page.locator(".plot svg").nth(15).waitFor();
      // losses 5, AP 3, precision 3, heat maps 2, scale 1, profile 1, differences 1
      expect(await page.locator(".plot > svg").count()).toBe(16);
      expect(await page.locator("h2").allTextContents()).toContain("Entropy of the layers");
      expect((await lookAtCanvas(page)).colours).toBeGreaterThan(50);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(viewport.width); // nothing sticks out
      const background = await page.evaluate("getComputedStyle(document.body).backgroundColor");
      expect(background).toBe(colorScheme === "light" ? "rgb(246, 247, 249)" : "rgb(16, 21, 28)");
      expect(heard).toEqual({ complaints: [], requests: [] });
    });
  });

  it("shows what it was given, and what is chosen", async () => {
    const report = sampleReport();
    const evaluation = report.runs[0].evaluation!;
    const official = evaluation.results!;
    const car = { ...official.strict.car, bev: null };
    const results = { ...official, strict: { ...official.strict, car } };
    const runs = [{ ...report.runs[0], evaluation: { ...evaluation, results } }, report.runs[1]];
    await open(reportHtml({ ...report, runs, frames: [] }), { viewport: LAPTOP }, async ({ page, complaints }) => {
      expect(await page.locator(".cards dd:not(.best)").allTextContents()).toEqual(Array(6).fill("42.00"));
      expect(await page.locator(".cards .best").allTextContents()).toEqual(Array(6).fill("of 90.00 possible"));
      expect(await page.locator(".caution").textContent()).toMatch(/data are simulated.*One seed is no evidence/);
      const firstRow = page.locator(".ap tbody").first().locator("tr").nth(1).locator("td");
      expect(await firstRow.allTextContents()).toEqual(["47.00", "42.00", "37.00", "48.00", "43.00", "38.00"]);
      await page.getByLabel("Overlap").selectOption("loose");
      expect(await page.locator(".ap .group").allTextContents()).not.toContain("Car 2D");

      const lines = page.getByLabel("Precision of car over recall, for each run").locator("[aria-label=line] path");
      await lines.nth(1).waitFor();
      await page.getByLabel("Metric").selectOption("bev"); // which the first run has none of
      await expect.poll(() => lines.count()).toBe(1);
      expect(complaints).toEqual([]);
    });
  });

  it("writes step numbers in full, not as 1e+2", async () => {
    const report = sampleReport();
    const runs = report.runs.map(({ steps, entropy, ...run }) => {
      const step = steps.step.map((at) => 40 * at);
      return { ...run, steps: { ...steps, step }, entropy: { ...entropy!, step } };
    });
    await open(reportHtml({ ...report, runs, frames: [] }), { viewport: LAPTOP }, async ({ page }) => {
      await page.locator(".plot svg").nth(15).waitFor();
      const ticks = await page.locator(".plot [aria-label='x-axis tick label'] text").allTextContents();
      expect(ticks).toContain("2,000");
      expect(ticks.filter((tick) => tick.includes("e"))).toEqual([]);
    });
  });

  it("lets no label become markup", async () => {
    const text = "</script><img src=x onerror=alert(1)>";
    const report = sampleReport();
    const runs = report.runs.map((run, i) => ({ ...run, name: `${text}${i}`, config: text }));
    await open(reportHtml({ ...report, title: text, runs, frames: [] }), { viewport: LAPTOP }, async (opened) => {
      expect(await opened.page.locator("h1").textContent()).toBe(text);
      expect(await opened.page.locator("img").count()).toBe(0);
      expect(opened.complaints).toEqual([]);
    });
  });

  it("shows every class of data that are not KITTI's, and nothing of KITTI's metrics", async () => {
    const report = sampleReport();
    const runs = report.runs.map((run, i) => ({
      ...run,
      validations: [1, 2].map((epoch) => ({
        epoch,
        step: epoch,
        averages: { Tram: { bev: 20 * epoch, "3d": 10 * epoch } },
      })),
      evaluation: {
        split: "all",
        step: 60,
        framesTrainedOn: 0,
        tables: sampleTables(50 + i),
        reasons: ["Tram: <few> objects."],
      },
    }));
    await open(reportHtml({ ...report, runs, frames: [] }), { viewport: PHONE }, async ({ page, complaints }) => {
      expect(await page.locator("h2").allTextContents()).toContain("Every class");
      expect(await page.locator("h2").allTextContents()).not.toContain("All averages");
      expect(await page.locator(".cards dt").allTextContents()).toEqual(["Tram", "Dog", "Tram", "Dog"]);
      expect(await page.locator(".cards dd").allTextContents()).toEqual([
        "50.00",
        "of 92.50 possible",
        "–",
        "51.00",
        "of 92.50 possible",
        "–",
      ]);
      const cells = (label: string, row: number) =>
        page
          .getByLabel(label, { exact: true })
          .locator("tbody")
          .first()
          .locator("tr")
          .nth(row)
          .locator("td")
          .allTextContents();
      expect(await cells("Every class", 2)).toEqual(["37", "61.00", "51.00", "92.50", "60.0 %", "75.0 %", "1.25"]);
      expect(await cells("Groups of objects", 1)).toEqual(["50.00 (36 objects)", "– (1 object)"]);
      await page.getByLabel("By").selectOption("byPoints");
      expect(await page.getByLabel("Groups of objects", { exact: true }).locator("thead th").allTextContents()).toEqual(
        ["Class, run", "1 to 10 points", "from 11 points"],
      );
      expect(await cells("Errors of the boxes", 1)).toEqual(["0.20", "0.10", "0.30", "0.10", "0.05", "4.0", "10.0 %"]);
      expect(await page.getByLabel("Confusion").locator("td").allTextContents()).toEqual([
        "Tram",
        "Dog",
        "3",
        "Tram",
        "Dog",
        "3",
      ]);
      expect(await page.getByText("Tram: <few> objects.").count()).toBe(1); // of both runs, once
      const chart = page.getByLabel("Average precision of Tram over the epochs, for each run");
      expect(await chart.locator("[aria-label=dot] circle").count()).toBe(4);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(PHONE.width);
      expect(complaints).toEqual([]);
    });
  });

  it("does with one run that has nothing but losses", async () => {
    const report = sampleReport();
    const { evaluation, entropy, ...run } = report.runs[0];
    const bare = { ...report, runs: [{ ...run, validations: [] }], frames: [] };
    await open(reportHtml(bare), { viewport: LAPTOP }, async ({ page, complaints }) => {
      expect(await page.locator(".missing").allTextContents()).toHaveLength(2);
      expect(await page.locator("canvas").count()).toBe(0);
      expect(complaints).toEqual([]);
    });
  });

  it("does with a run that has not taken a step, alone or beside one, and with losses that are no numbers", async () => {
    const report = sampleReport();
    const [full, other] = report.runs;
    const { evaluation, entropy, firstEpochLoss, lastEpochLoss, ...rest } = other;
    const losses = { total: [], cls: [], box: [], dir: [], entropy: [] };
    const begun = { ...rest, validations: [], steps: { step: [], epoch: [], losses } };
    const odd = { ...full, lastEpochLoss: Number.NaN };
    const cells = (name: string) => `tr:has(th:text-is("${name}")) td`;
    await open(reportHtml({ ...report, runs: [odd, begun], frames: [] }), { viewport: LAPTOP }, async (opened) => {
      const { page, complaints } = opened;
      expect(await page.locator(cells("Steps")).allTextContents()).toEqual([expect.stringMatching(/^\d/), "0"]);
      expect(await page.locator(cells("Loss, mean of the last epoch")).allTextContents()).toEqual(["–", "–"]);
      expect(complaints).toEqual([]);
    });
    await open(reportHtml({ ...report, runs: [begun], frames: [] }), { viewport: LAPTOP }, async (opened) => {
      expect(await opened.page.getByText("No step has been finished.").count()).toBe(1);
      expect(opened.complaints).toEqual([]);
    });
  });
});

describeUnless(chromiumMissing, "an experiment in a browser", () => {
  it.each([
    { name: "laptop, light", viewport: LAPTOP, colorScheme: "light" as const },
    { name: "phone, dark", viewport: PHONE, colorScheme: "dark" as const },
  ])("draws charts and tables from a file, without complaint or request: $name", async ({ viewport, colorScheme }) => {
    await open(experimentHtml(sampleExperiment()), { viewport, colorScheme }, async ({ page, ...heard }) => {
      await page.locator(".plot svg").waitFor();
      expect(await page.locator(".plot [aria-label=dot] circle").count()).toBe(5);
      expect(await page.locator(".plot [aria-label=area] path").count()).toBe(1); // the other series has no interval
      expect(await page.locator(".legend li").allTextContents()).toEqual(["with", "without"]);
      expect(await page.locator(".results tbody td").allTextContents()).toEqual(["1.5", "–"]);
      expect(await page.getByRole("region", { name: "Numbers", exact: true }).locator("table").count()).toBe(1);
      expect(await page.locator("pre").textContent()).toBe("eloss experiment table");
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(viewport.width);
      expect(heard).toEqual({ complaints: [], requests: [] });
    });
  });
});

describeUnless(chromiumMissing, "charts of unusual data in a browser", () => {
  it("an experiment of more arms than there are colours draws and names them all", async () => {
    const sample = sampleExperiment();
    const series = Array.from({ length: 8 }, (_, i) => ({
      name: `arm ${i}`,
      points: [1, 2].map((x) => ({ x, y: i + x })),
    }));
    const charts = [{ ...sample.charts[0], series }];
    await open(experimentHtml({ ...sample, charts }), { viewport: PHONE }, async ({ page, ...heard }) => {
      await page.locator(".plot svg").waitFor();
      expect(await page.locator(".legend li").allTextContents()).toEqual(series.map(({ name }) => name));
      expect(await page.locator(".plot [aria-label=dot] circle").count()).toBe(16);
      expect(heard).toEqual({ complaints: [], requests: [] });
    });
  });

  it("runs of different networks have all their layers, a loss that ran away has numbers that fit", async () => {
    const sample = sampleReport();
    const [few, many] = sample.runs.map((run) => ({ ...run, entropy: run.entropy! }));
    const short = Object.fromEntries(
      (["layers", "values", "first", "last"] as const).map((key) => [key, few.entropy[key].slice(0, 6)]),
    );
    const losses = { ...few.steps.losses, total: few.steps.losses.total.map((loss) => 1e9 * loss) };
    const runs = [{ ...few, steps: { ...few.steps, losses }, entropy: { ...few.entropy, ...short } }, many];
    await open(reportHtml({ ...sample, runs, frames: [] }), { viewport: LAPTOP }, async ({ page, ...heard }) => {
      const profile = page.locator("figure", { hasText: "H at the end" });
      await profile.locator(".plot svg").waitFor();
      expect(await profile.locator("[aria-label=dot] circle").count()).toBe(6 + 8);
      const loss = page.locator("#loss .plot").first();
      const left = (texts: readonly { getBoundingClientRect(): { readonly left: number } }[]) =>
        Math.min(...texts.map((text) => text.getBoundingClientRect().left));
      const ticks = loss.locator("[aria-label='y-axis tick label'] text");
      expect(await ticks.last().textContent()).toBe("2.5e9");
      expect(await ticks.evaluateAll(left)).toBeGreaterThanOrEqual((await loss.boundingBox())!.x);
      expect(heard).toEqual({ complaints: [], requests: [] });
    });
  });
});

describeUnless(chromiumMissing, "the answer of an experiment in a browser", () => {
  it.each([
    { name: "laptop", viewport: LAPTOP, lines: 1 },
    { name: "phone", viewport: PHONE, lines: 2 },
  ])("comes first, with a drawing of its differences that fits: $name", async ({ viewport, lines }) => {
    const answered = { ...sampleExperiment(), answer: "No difference.", differences: [sampleDifferences()] };
    await open(experimentHtml(answered), { viewport }, async ({ page, ...heard }) => {
      const drawing = page.locator("#accuracy .plot svg.differences");
      await drawing.waitFor();
      expect(await page.locator("header .answer").textContent()).toBe("No difference.");
      expect(await drawing.locator("circle.pair").count()).toBe(4);
      const [name, numbers] = await drawing
        .locator("text")
        .filter({ hasText: /<b>|pairs/ })
        .evaluateAll((texts) => texts.map((text) => text.getBoundingClientRect().top));
      expect(numbers - name > 10).toBe(lines === 2);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(viewport.width);
      expect(heard).toEqual({ complaints: [], requests: [] });
    });
  });
});

describeUnless(chromiumMissing, "a table of an experiment in a browser", () => {
  it("breaks long words of a cell instead of hiding their end", async () => {
    const command = `eloss train --data ${"streets/".repeat(30)} --config second-mini --entropy-loss`;
    const tables = [
      { title: "All runs", note: "", columns: ["run", "state", "command"], rows: [["a", "done", command]] },
    ];
    await open(experimentHtml({ ...sampleExperiment(), tables }), { viewport: LAPTOP }, async ({ page }) => {
      expect(await page.locator("td.long").allTextContents()).toEqual([command]);
      expect(await page.locator(".scroll").evaluate((scroll) => scroll.scrollWidth - scroll.clientWidth)).toBe(0);
    });
  });
});

describeUnless(chromiumMissing, "the 3D view in a browser", () => {
  const view = (use: (opened: OpenPage) => Promise<void>) => {
    const frames = [sampleFrame("000004", 2), sampleFrame("000007", 3)];
    const html = viewerHtml({ title: "t", description: "d", sources: ["one", "two"], frames });
    return open(html, { viewport: { width: 700, height: 560 } }, async (opened) => {
      await opened.page.locator("canvas").waitFor();
      await use(opened);
      expect(opened.complaints).toEqual([]);
      expect(opened.requests).toEqual([]);
    });
  };

  it("shows boxes above the threshold, of the lists that are switched on", () =>
    view(async (opened) => {
      const { page } = opened;
      expect(await status(opened)).toBe("Scan 000004: 2 labels, 2 one, 0 two");
      await page.getByLabel("Score ≥").fill("0.85"); // scores are 0.9 and 0.8
      expect(await status(opened)).toBe("Scan 000004: 2 labels, 1 one, 0 two");
      await page.getByLabel("labels", { exact: true }).uncheck();
      await page.getByLabel("two", { exact: true }).uncheck();
      expect(await status(opened)).toBe("Scan 000004: 1 one");
      await page.getByText("Boxes as a table").click();
      expect(await page.locator(".boxes tbody tr").count()).toBe(1);
    }));

  it("goes from scan to scan, around the end", () =>
    view(async (opened) => {
      await opened.page.getByLabel("Next scan").click();
      expect(await status(opened)).toBe("Scan 000007: 3 labels, 3 one, 0 two");
      await opened.page.getByLabel("Next scan").click();
      expect(await status(opened)).toMatch(/^Scan 000004/);
      await opened.page.locator(".frames select").selectOption("000007");
      expect(await status(opened)).toMatch(/^Scan 000007/);
    }));

  it("looks from above and back, by buttons and by keys", () =>
    view(async ({ page }) => {
      const { pixels: usual } = await lookAtCanvas(page);
      await page.getByRole("button", { name: "Bird’s-eye view" }).click();
      const above = await lookAtCanvas(page);
      expect(above.pixels).not.toBe(usual);
      expect(above.colours).toBeGreaterThan(50);
      await page.locator("canvas").focus();
      await page.keyboard.press("r");
      await page.locator("h1").click(); // so that no focus ring is in the picture
      expect((await lookAtCanvas(page)).pixels).toBe(usual);
      for (const key of ["+", "Shift+ArrowLeft", "ArrowUp", "b"]) {
        const { pixels } = await lookAtCanvas(page);
        await page.locator("canvas").focus();
        await page.keyboard.press(key);
        expect((await lookAtCanvas(page)).pixels, key).not.toBe(pixels);
      }
    }));

  it("colours the points in three ways", () =>
    view(async ({ page }) => {
      const pictures = new Set<string>();
      for (const by of ["height", "intensity", "distance"]) {
        await page.getByLabel("Points by").selectOption(by);
        pictures.add((await lookAtCanvas(page)).pixels);
      }
      expect(pictures.size).toBe(3);
    }));

  const picked = (page: Page) => page.locator(".picked [role=status]").textContent();

  it("says what the classes are, in their colours, and hides those that are switched off", () =>
    view(async (opened) => {
      const { page } = opened;
      expect(await page.locator(".classes li").allTextContents()).toEqual(["Car 2 labels, 2 one, 0 two"]);
      expect(await page.locator(".classes .key").count()).toBe(0); // the colours are those of the sources
      await page.getByLabel("Boxes by").selectOption("class");
      expect(await page.locator(".classes .key").getAttribute("style")).toBe("--key: #5cb0ff");
      await page.getByRole("checkbox", { name: /^Car/ }).uncheck();
      expect(await status(opened)).toBe("Scan 000004: 0 labels, 0 one, 0 two");
      expect(await page.locator(".classes li").allTextContents()).toEqual(["Car 2 labels, 2 one, 0 two"]);
    }));

  it("lights up a box that is picked by key, in the table or with a click, and says what it is", () =>
    view(async ({ page }) => {
      const { pixels: before } = await lookAtCanvas(page);
      await page.locator("canvas").focus();
      await page.keyboard.press("n"); // the nearest: x = 10, y = 2
      expect(await picked(page)).toBe("Car · ground truth · 4.00 × 1.70 × 1.50 m · 10.2 m away");
      await page.keyboard.press("n");
      expect(await picked(page)).toBe("Car · detection (one) · score 0.90 · 4.00 × 1.70 × 1.50 m · 10.2 m away");
      await page.keyboard.press("p");
      expect(await picked(page)).toMatch(/ground truth/);
      await page.locator("h1").click();
      expect((await lookAtCanvas(page)).pixels).not.toBe(before);
      await page.getByRole("button", { name: "Look at this box in 3D" }).click();
      const { width, height } = (await page.locator("canvas").boundingBox())!;
      await page.getByRole("button", { name: "Let go of this box" }).click();
      expect(await picked(page)).toMatch(/^Click or tap a box/);
      // It is now in the middle of the view; label and detection lie on each other, and another click picks the other.
      const position = { x: width / 2, y: height / 2 };
      await page.locator("canvas").click({ position });
      const first = await picked(page);
      expect(first).toMatch(/10\.2 m away$/);
      await page.locator("canvas").click({ position });
      expect(await picked(page)).not.toBe(first);
      expect(await picked(page)).toMatch(/10\.2 m away$/);
      await page.keyboard.press("Escape");
      expect(await picked(page)).toMatch(/^Click or tap a box/);
      await page.getByText("Boxes as a table").click();
      await page.locator(".boxes button").nth(1).click();
      expect(await picked(page)).toMatch(/18\.1 m away$/);
      expect(await page.locator(".boxes .chosen").count()).toBe(1);
      await page.getByLabel("labels", { exact: true }).uncheck(); // the picked box goes, and with it what is said of it
      expect(await picked(page)).toMatch(/^Click or tap a box/);
    }));
});

describeUnless(chromiumMissing, "a frame with an image in a browser", () => {
  it.each([
    { name: "laptop, light", viewport: LAPTOP, colorScheme: "light" as const },
    { name: "phone, dark", viewport: { width: 360, height: 740 }, colorScheme: "dark" as const, hasTouch: true },
  ])(
    "shows boxes in the image; one picked there lights up in the scan, and the other way round: $name",
    async (options) => {
      const frames = [sampleFrameWithImage("000004", 2), sampleFrame("000007", 3)];
      const html = viewerHtml({ title: "t", description: "d", sources: ["one", "two"], frames });
      await open(html, options, async ({ page, ...heard }) => {
        const picked = () => page.locator(".picked [role=status]").textContent();
        const photo = page.locator(".photo");
        expect(await page.locator(".photo path").count()).toBe(4);
        expect(await page.locator(".photo path.dashed").count()).toBe(2); // labels
        expect(await photo.locator("img").evaluate((image) => (image as { naturalWidth?: number }).naturalWidth)).toBe(
          600,
        );
        const { pixels: before } = await lookAtCanvas(page);
        // The first car: x = 10, y = 2, z = -1, so 60 pixels to the left of the middle and 30 below.
        const { width } = (await photo.boundingBox())!;
        await photo.scrollIntoViewIfNeeded();
        const scale = width / 600;
        const position = { x: scale * (300 - 60), y: scale * (100 + 30) };
        await (options.viewport.width === 360 ? photo.tap({ position }) : photo.click({ position }));
        expect(await picked()).toMatch(/^Car · .* · 10\.2 m away$/);
        expect(await page.locator(".photo path.chosen").count()).toBe(1);
        expect(await page.locator(".photo path.halo").count()).toBe(1);
        await page.locator(".lead").click();
        expect((await lookAtCanvas(page)).pixels).not.toBe(before);
        await photo.press("Escape");
        expect(await page.locator(".photo path.chosen").count()).toBe(0);
        await page.locator("canvas").press("n");
        expect(await page.locator(".photo path.chosen").count()).toBe(1);
        await photo.press("Escape");
        await photo.press("ArrowRight"); // the leftmost of the image is the nearest car
        expect(await picked()).toMatch(/10\.2 m away$/);
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(options.viewport.width);
        await page.getByLabel("Next scan").click();
        expect(await page.locator(".picture").isVisible()).toBe(false);
        await page.getByLabel("Next scan").click();
        expect(await page.locator(".picture").isVisible()).toBe(true);
        expect(heard).toEqual({ complaints: [], requests: [] });
      });
    },
  );
});
