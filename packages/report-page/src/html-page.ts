import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { escapeHtml } from "./escape-html.js";

/** A page with everything in it. */
export interface HtmlPage {
  readonly title: string;
  /** which script in `dist/page` draws it */
  readonly script: "report" | "viewer" | "experiment" | "configuration-page" | "explanation-page";
  /** what the script reads, as JSON; NaN becomes null */
  readonly data: unknown;
}

/**
 * One HTML file with its style, data and script inside, and the licences of the code that others wrote. Its policy forbids the browser every request, so that it can show
 * nothing but what is in it.
 * @throws Error if the scripts have not been built
 */
export function htmlPage({ title, script, data }: HtmlPage): string {
  return [
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
    `<!--\nCode of others in this page, and its licences:\n\n${readLicences(script)}-->`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:">`,
    '<link rel="icon" href="data:,">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${readBuilt("page.css", /<\/style/i)}</style>\n</head>\n<body>`,
    "<noscript>This page draws its charts with JavaScript, which is switched off.</noscript>",
    `<script type="application/json" id="page-data">${jsonForScript(data)}</script>`,
    `<script>${readBuilt(`${script}.js`, /<\/script|<!--/i)}</script>`,
    "</body>\n</html>\n",
  ].join("\n");
}

/**
 * JSON that is safe inside a script element: no `<` is left in it, so that nothing in the data can end the element or
 * open a comment. `JSON.parse` gives the same value.
 */
export function jsonForScript(data: unknown): string {
  return JSON.stringify(data).replace(/</g, "\\u003c");
}

/** Licences of the packages in a script. */
function readLicences(script: string): string {
  return readBuilt(`${script}.licences.txt`, /<!--|--!?>/);
}

/** @param ends what would end the element or comment that the text is put into */
function readBuilt(name: string, ends: RegExp): string {
  const url = new URL(`../dist/page/${name}`, import.meta.url); // the same from src/ and from dist/
  let text: string;
  try {
    text = readFileSync(url, "utf8");
  } catch (cause) {
    throw new Error(`htmlPage: expected ${fileURLToPath(url)}; build the package report-page`, { cause });
  }
  if (ends.test(text)) throw new Error(`internal: ${fileURLToPath(url)} holds text that would end what it is put into`);
  return text;
}
