import { pathToFileURL } from "node:url";
import { decode } from "fast-png";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { startChromium } from "test-support/chromium";

/** What a page has said and asked for. */
export interface OpenPage {
  readonly page: Page;
  /** errors and warnings of the console, and exceptions */
  readonly complaints: readonly string[];
  /** addresses beside the file itself */
  readonly requests: readonly string[];
}

/** Headless Chromium, without a graphics card: WebGL is drawn by the processor. */
export function startBrowser(): Promise<Browser> {
  return startChromium("--use-angle=swiftshader", "--enable-unsafe-swiftshader");
}

/** Opens a file as a new visitor and closes it after use. */
export async function withFile<T>(
  browser: Browser,
  { path, ...options }: BrowserContextOptions & { readonly path: string },
  use: (opened: OpenPage) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    const url = pathToFileURL(path).href;
    page.on("console", (message) => {
      // Reading pixels back makes WebGL without a graphics card warn that this is slow.
      if (message.type() === "error" || (message.type() === "warning" && !/GPU stall/.test(message.text()))) {
        complaints.push(message.text());
      }
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      if (request.url() !== url && !request.url().startsWith("data:")) requests.push(request.url());
    });
    await page.goto(url);
    return await use({ page, complaints, requests });
  } finally {
    await context.close();
  }
}

/** Picture of the 3D view: how many colours it has, and a number that changes with it. */
export async function lookAtCanvas(page: Page): Promise<{ readonly colours: number; readonly pixels: string }> {
  const png = await page.locator(".stage canvas").screenshot();
  const { data, channels, width, height } = decode(png);
  const colours = new Set<number>();
  for (let i = 0; i < width * height; i += 1) {
    const [red, green, blue] = data.subarray(channels * i, channels * i + 3);
    colours.add((red << 16) | (green << 8) | blue);
  }
  return { colours: colours.size, pixels: png.toString("base64") };
}
