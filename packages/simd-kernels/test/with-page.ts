import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, extname, join } from "node:path";
import type { Page } from "playwright-core";
import { startChromium } from "test-support/chromium";

const types: Record<string, string> = { ".js": "text/javascript", ".wasm": "application/wasm", ".html": "text/html" };

/** Runs `use` in an empty page of headless Chromium on a server whose root holds the files of `folder`. */
export async function withPage<T>(folder: string, use: (page: Page) => Promise<T>): Promise<T> {
  const server = createServer((request, response) => {
    const name = basename(request.url ?? "");
    const path = join(folder, name);
    const found = name === "" || existsSync(path);
    response.writeHead(found ? 200 : 404, { "content-type": types[extname(name)] ?? "text/html" });
    response.end(name !== "" && found ? readFileSync(path) : "");
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  try {
    const browser = await startChromium("--disable-gpu");
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      return await use(page);
    } finally {
      await browser.close();
    }
  } finally {
    server.close();
  }
}
