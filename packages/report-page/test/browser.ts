import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { decode } from "fast-png";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const candidates = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Path of a Chromium on this machine, `CHROMIUM_PATH` first. */
export const chromiumPath = [process.env.CHROMIUM_PATH, ...candidates].find((path) => path && existsSync(path));

/** The suffix that a skipped test puts in its title. */
export const browserSkipNote = chromiumPath ? "" : " [skipped: no Chromium; set CHROMIUM_PATH or install it]";

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
  const quiet = ["background-networking", "component-update", "quic", "sync"].map((name) => `--disable-${name}`);
  return chromium.launch({
    executablePath: chromiumPath,
    args: ["--no-sandbox", "--no-first-run", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", ...quiet],
  });
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
  const png = await page.locator("canvas").screenshot();
  const { data, channels, width, height } = decode(png);
  const colours = new Set<number>();
  for (let i = 0; i < width * height; i += 1) {
    const [red, green, blue] = data.subarray(channels * i, channels * i + 3);
    colours.add((red << 16) | (green << 8) | blue);
  }
  return { colours: colours.size, pixels: png.toString("base64") };
}
