import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { encode } from "fast-png";
import { encodeCalibration, encodeScan } from "kitti-io";
import { simulateFrame } from "kitti-sim";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { describeUnless } from "test-support";
import { chromiumMissing, startChromium } from "test-support/chromium";
import { registerSimdBackend } from "tfjs-backend-simd";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type FoundObject, ScanDetector } from "../src/detector.js";
import {
  computedBy,
  expectBoxes,
  LAPTOP,
  PATIENCE,
  PHONE,
  published,
  savedBoxes,
  type Visit,
  visitPage,
} from "./visit-page.js";

const street = simulateFrame({ seed: 1, frame: 3, field: "camera" }); // the page's own example
const scan = encodeScan(street.points);
const calibration = encodeCalibration(street.calibration);
const picture = encode({ ...street.image, channels: 3, depth: 8 });

let browser: Browser;

const visit = (options: BrowserContextOptions, use: (visit: Visit) => Promise<void>) =>
  visitPage(browser, options, use);

function choose(page: Page, files: Readonly<Record<string, Uint8Array | string | undefined>>): Promise<void> {
  const payload = Object.entries(files).map(([name, content]) => ({
    name,
    buffer: Buffer.from(content!),
    mimeType: "",
  }));
  return page.getByLabel("Choose or drop a scan").setInputFiles(payload);
}

describeUnless(chromiumMissing, "the playground in a browser, from a file", () => {
  beforeAll(async () => {
    registerSimdBackend();
    await tf.setBackend("simd");
    browser = await startChromium("--use-angle=swiftshader", "--enable-unsafe-swiftshader");
  });
  afterAll(() => browser?.close());

  it("finds what the same weights find in Node, and asks the network for nothing", async () => {
    const { width, height } = street.image;
    const example = { name: "a", bytes: scan, calibration, imageSize: { width, height } };
    const { objects } = await new ScanDetector(published()).find(example, "ahead");
    expect(objects.length).toBeGreaterThan(0);
    await visit({ viewport: LAPTOP }, async ({ page, complaints, requests }) => {
      await page.getByRole("button", { name: "Try a simulated street" }).click();
      await page.getByRole("heading", { name: "Information in the layers" }).waitFor(PATIENCE);
      expectBoxes(await savedBoxes(page), objects);
      expect(await computedBy(page)).toMatch(/^Computed by WebAssembly with (relaxed )?SIMD, one thread\.$/);
      expect(await page.getByLabel("Computed by").count()).toBe(0); // this browser has no graphics adapter
      expect(complaints).toEqual([]);
      expect(requests.slice(1).filter((url) => url !== "blob:" && url !== "data:")).toEqual([]);
    });
  });

  it("looks all round with weights that have learnt that, wherever the road lies", async () => {
    const { points } = simulateFrame({ seed: 1, frame: 3 });
    const bytes = encodeScan(points.map((value, i) => (i % 4 === 2 ? value + 1.7 : value)));
    const { objects, lift } = await new ScanDetector(published()).find({ name: "a", bytes }, "round");
    expect(lift).toBeCloseTo(-1.7, 0);
    const found = objects.filter(({ score }) => score > 0.3);
    const [behind, ahead] = [found.filter(({ box }) => box[0] < 0), found.filter(({ box }) => box[0] > 0)];
    expect(Math.min(behind.length, ahead.length)).toBeGreaterThan(1);
    for (const { box } of found) expect(Math.abs(box[2] - box[5] / 2)).toBeLessThan(1); // on the road, at z = 0
    await visit({ viewport: LAPTOP }, async ({ page, complaints }) => {
      await page.getByLabel("Range").selectOption({ label: "51 m all round" });
      await choose(page, { "street.bin": bytes });
      await page.getByRole("heading", { name: "Information in the layers" }).waitFor(PATIENCE);
      expectBoxes(await savedBoxes(page), objects);
      expect(await page.locator("p.status").first().textContent()).toContain("the scan was lowered by 1.");
      expect(await page.locator(".facts").textContent()).toContain("second-small, all round");
      expect(complaints).toEqual([]);
    });
  });

  it("takes WebAssembly where the graphics adapter is gone, says so, and offers it no more", async () => {
    await visit({ viewport: PHONE }, async ({ page, complaints }) => {
      // The page is told of one; its worker, which asks again, finds none.
      await page.addInitScript(
        'Object.defineProperty(navigator, "gpu", { value: { requestAdapter: async () => ({ info: {} }) } })',
      );
      await page.reload();
      const choice = page.getByLabel("Computed by");
      await choice.selectOption("WebGPU");
      await page.getByRole("button", { name: "Try a simulated street" }).click();
      await page.locator(".viewer").waitFor(PATIENCE);
      expect(await page.getByRole("alert").textContent()).toBe(
        "WebGPU gave up: there is no graphics adapter. WebAssembly has taken its place.",
      );
      expect(await computedBy(page)).toContain("WebAssembly");
      expect(await choice.count()).toBe(0);
      expect(complaints).toEqual([]);
    });
  });

  it("uses what the camera sees where a calibration comes with the scan", async () => {
    await visit({ viewport: LAPTOP }, async ({ page }) => {
      await choose(page, { "a.bin": scan, "a.txt": calibration });
      await page.locator(".viewer").waitFor(PATIENCE);
      const status = await page.getByRole("status").first().textContent();
      expect(Number(/among (\d+) points/.exec(status!)![1])).toBeLessThan(scan.length / 16);
    });
  });

  const facts = (page: Page) => page.locator(".picked [role=status]").textContent();

  it("shows the image beside the scan; a box that is picked in one lights up in the other", async () => {
    await visit({ viewport: PHONE, hasTouch: true }, async ({ page, complaints }) => {
      await choose(page, { "a.bin": scan, "a.txt": calibration, "a.png": picture });
      await page.locator(".viewer").waitFor(PATIENCE);
      const photo = page.locator(".photo");
      expect(await photo.locator("img").evaluate((image) => (image as { naturalWidth?: number }).naturalWidth)).toBe(
        1242,
      );
      await page.locator("canvas").press("n"); // the nearest
      expect(await facts(page)).toMatch(/^\w+ · detection \(found\) · score 0\.\d\d · .* m · [\d.]+ m away$/);
      expect(await page.locator(".photo .chosen").count()).toBe(1);
      const { x, y, width, height } = (await page.locator(".photo .chosen").boundingBox())!;
      await page.getByRole("button", { name: "Let go of this box" }).tap();
      expect(await page.locator(".photo .chosen").count()).toBe(0);
      await page.touchscreen.tap(x + width / 2, y + height / 2);
      expect(await page.locator(".photo .chosen").count()).toBe(1);
      expect(await facts(page)).toMatch(/ m away$/);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(PHONE.width);
      expect(complaints).toEqual([]);
    });
  });

  it("says that boxes have no place in an image without a calibration, and takes JPEG images", async () => {
    await visit({ viewport: LAPTOP }, async ({ page, complaints }) => {
      const url = await page.evaluate('document.createElement("canvas").toDataURL("image/jpeg")'); // 300 x 150 pixels
      const jpeg = Buffer.from(String(url).split(",")[1], "base64");
      await choose(page, { "a.bin": scan, "a.jpg": jpeg });
      await page.locator(".viewer").waitFor(PATIENCE);
      expect(await page.locator(".picture").textContent()).toMatch(/Without a calibration/);
      expect(await page.locator(".photo path").count()).toBe(0);
      await choose(page, { "b.bin": scan }); // the next one comes without
      await page.getByText(/^b\.bin: \d+ objects/).waitFor(PATIENCE);
      expect(await page.locator(".picture").isVisible()).toBe(false);
      expect(complaints).toEqual([]);
    });
  });

  it.each([
    {
      what: "an image that is none",
      files: { "a.bin": scan, "a.png": "<svg xmlns='http://www.w3.org/2000/svg'/>" },
      message: /^a\.png: expected a PNG or JPEG image/,
    },
    {
      what: "two images",
      files: { "a.bin": scan, "a.png": "", "b.jpg": "" },
      message: /^expected one image .*, got 2$/,
    },
    { what: "a scan that is cut off", files: { "a.bin": "short" }, message: /a\.bin: expected a multiple of 16 bytes/ },
    {
      what: "another kind of file",
      files: { "a.doc": "x" },
      message: /^a\.doc: expected a scan \(\.bin, .*\.laz\), a calibration/,
    },
    {
      what: "a PCD file named .npy",
      files: { "a.npy": "# .PCD v0.7\n" },
      message: /a\.npy: .*the beginning of a file of the format pcd/,
    },
    { what: "no scan", files: { "a.txt": "x" }, message: /^expected one scan \(\.bin, .*\.laz\), got 0$/ },
    {
      what: "half a calibration",
      files: { "a.bin": scan, "c.txt": "P2: 1" },
      message: /calibration.*expected 12 numbers/,
    },
  ])("says in a sentence what is wrong with $what", async ({ files, message }) => {
    await visit({ viewport: PHONE }, async ({ page, complaints }) => {
      await choose(page, files);
      const alert = page.getByRole("alert");
      await alert.waitFor(PATIENCE);
      expect(await alert.textContent()).toMatch(message);
      expect(complaints).toEqual([]);
    });
  });

  it("finds the same in a PCD file", async () => {
    const header =
      "VERSION 0.7\nFIELDS x y z intensity\nSIZE 4 4 4 4\nTYPE F F F F\nCOUNT 1 1 1 1\n" +
      `WIDTH ${scan.length / 16}\nHEIGHT 1\nDATA binary\n`;
    const saved: FoundObject[][] = [];
    for (const files of [{ "a.bin": scan }, { "a.pcd": Buffer.concat([Buffer.from(header), scan]) }]) {
      await visit({ viewport: LAPTOP }, async ({ page, complaints }) => {
        await choose(page, files);
        await page.locator(".viewer").waitFor(PATIENCE);
        saved.push(await savedBoxes(page));
        expect(complaints).toEqual([]);
      });
    }
    expect(saved[0].length).toBeGreaterThan(0);
    expect(saved[1]).toEqual(saved[0]);
  });

  it("unpacks LAZ with what the page holds", async () => {
    const packed = "../../../packages/point-cloud-io/test/fixtures/sweep-6.laz";
    await visit({ viewport: LAPTOP }, async ({ page, complaints, requests }) => {
      await choose(page, { "a.laz": readFileSync(new URL(packed, import.meta.url)) });
      await page.getByText(/^a\.laz: .*among \d+ points/).waitFor(PATIENCE);
      expect(complaints).toEqual([]);
      expect(requests.slice(1).filter((url) => url !== "blob:" && url !== "data:")).toEqual([]);
    });
  });

  it("drops a search for the next one without a word of it", async () => {
    await visit({ viewport: LAPTOP }, async ({ page, complaints }) => {
      await page.getByRole("button", { name: "Try a simulated street" }).click();
      await page.getByText("Looking at a simulated street").waitFor(PATIENCE);
      await choose(page, { "a.bin": scan });
      await page.getByText("Looking at a.bin").waitFor(PATIENCE);
      await page.getByText(/^a\.bin: \d+ objects/).waitFor(PATIENCE);
      expect(complaints).toEqual([]);
    });
  });

  it("gives up a search at once, and makes the next one", async () => {
    await visit({ viewport: LAPTOP }, async ({ page, complaints }) => {
      await page.getByRole("button", { name: "Try a simulated street" }).click();
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.getByText("Cancelled.").waitFor();
      expect(await page.locator(".viewer").count()).toBe(0);
      await page.getByRole("button", { name: "Try a simulated street" }).click();
      await page.locator(".viewer").waitFor(PATIENCE);
      expect(complaints).toEqual([]);
    });
  });

  it.each([
    { name: "laptop, light", viewport: LAPTOP, colorScheme: "light" as const },
    { name: "phone, dark", viewport: PHONE, colorScheme: "dark" as const },
  ])("fits the window, and everything in it has a name: $name", async ({ viewport, colorScheme }) => {
    await visit({ viewport, colorScheme }, async ({ page }) => {
      await page.getByLabel("Range").selectOption({ label: "70 m ahead, 80 m wide" });
      await page.getByRole("button", { name: "Try a simulated street" }).click();
      await page.getByRole("heading", { name: "Information in the layers" }).waitFor(PATIENCE);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(viewport.width);
      for (const control of await page.locator("button, input, select, canvas, img").all()) {
        const html = await control.evaluate((element) => element.outerHTML.slice(0, 80));
        const named = await control.evaluate((element) =>
          [
            element.getAttribute("aria-label"),
            element.getAttribute("alt"),
            element.textContent,
            element.closest("label")?.textContent,
          ].some((text) => text?.trim()),
        );
        expect(named, html).toBe(true);
      }
    });
  });
});
