// Makes the pictures of the first page, after a build: `pnpm --filter @eloss/site pictures`. They show the playground's simulated
// street, and the report of a demonstration (`pnpm demo` makes it, in runs/demo, or name its file).
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Browser, Locator, Page } from "playwright-core";
import { startChromium } from "test-support/chromium";
import { root } from "./repository.js";

const folder = fileURLToPath(new URL("../public/pictures", import.meta.url));
const report = resolve(process.env.INIT_CWD ?? ".", process.argv[2] ?? join(root, "runs/demo/report.html"));
const LAPTOP = { width: 1120, height: 900 };

mkdirSync(folder, { recursive: true });
const browser = await startChromium("--use-angle=swiftshader", "--enable-unsafe-swiftshader");
try {
  await takePicture("street", join(root, "apps/playground/dist/index.html"), "dark", showStreet);
  for (const scheme of ["light", "dark"] as const) {
    await takePicture(`report-${scheme}`, report, scheme, showEntropy);
  }
} finally {
  await browser.close();
}

/** The scan in 3D with what was found, without buttons. */
async function showStreet(page: Page): Promise<Locator> {
  await page.getByRole("button", { name: "Try a simulated street" }).click();
  const stage = page.locator(".stage");
  await stage.waitFor({ timeout: 120_000 });
  await page.addStyleTag({ content: ".views, .hint { display: none !important }" });
  return stage;
}

/** The charts of the layers' entropies, with a margin. */
async function showEntropy(page: Page): Promise<Locator> {
  await page.addStyleTag({ content: "#entropy { margin: 0 -16px; padding: 20px 16px 16px }" });
  return page.locator("#entropy");
}

/** Writes NAME.webp, twice as fine as it is shown. @param show makes the page ready and says which part of it is meant */
async function takePicture(
  name: string,
  file: string,
  colorScheme: "light" | "dark",
  show: (page: Page) => Promise<Locator>,
): Promise<void> {
  const context = await browser.newContext({ viewport: LAPTOP, deviceScaleFactor: 2, colorScheme, bypassCSP: true });
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  const part = await show(page);
  const bytes = await webp(browser, await part.screenshot());
  writeFileSync(join(folder, `${name}.webp`), bytes);
  console.log(`${name}.webp: ${(bytes.length / 1000).toFixed(0)} kB`);
  await context.close();
}

/** A PNG as WebP, by the browser, which can encode it. */
async function webp(by: Browser, png: Buffer): Promise<Buffer> {
  const page = await by.newPage();
  const url = await page.evaluate(
    async (source) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const canvas = document.createElement("canvas");
      canvas.width = image.width;
      canvas.height = image.height;
      canvas.getContext("2d")!.drawImage(image, 0, 0);
      return canvas.toDataURL("image/webp", 0.8);
    },
    `data:image/png;base64,${png.toString("base64")}`,
  );
  await page.close();
  return Buffer.from(url.split(",")[1], "base64");
}
