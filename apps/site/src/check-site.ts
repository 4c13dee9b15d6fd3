import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";

/**
 * Follows every link, picture, script and style of a built site that does not lead elsewhere.
 * @param folder of the site
 * @param base that it was built for, `/` at both ends
 * @returns a line for each fault: one that leads nowhere, to a missing anchor or out of the base; a request of another host
 */
export function brokenLinks(folder: string, base: string): string[] {
  const pages = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".html") && !name.startsWith("playground"))
    .map((name) => name.replaceAll("\\", "/"));
  const anchors = new Map(pages.map((page) => [page, anchorsIn(readFileSync(join(folder, page), "utf8"))]));
  return pages.flatMap((page) => {
    const html = readFileSync(join(folder, page), "utf8");
    const faults = targetsIn(html).map(({ tag, target }) => {
      const elsewhere = /^(?:[a-z]+:)?\/\//.test(target);
      if (elsewhere) return tag === "a" ? undefined : `asks ${target} for a ${tag}`;
      if (/^[a-z]+:/.test(target)) return undefined;
      const { pathname, hash } = new URL(target, `http://site${base}${page}`);
      if (!pathname.startsWith(base)) return `${target} is not under ${base}`;
      const file = fileOf(folder, decodeURI(pathname.slice(base.length)));
      if (file === undefined) return `${target} leads nowhere`;
      const known = anchors.get(file);
      if (hash === "" || known === undefined || known.has(decodeURIComponent(hash.slice(1)))) return undefined;
      return `${target}: no such anchor`;
    });
    return [...new Set(faults)].filter((fault) => fault !== undefined).map((fault) => `${page}: ${fault}`);
  });
}

function targetsIn(html: string): { tag: string; target: string }[] {
  const found = html.matchAll(/<(a|img|script|link|iframe|source)\b[^>]*?\s(?:href|src)="([^"]*)"/g);
  return [...found].map(({ 1: tag, 2: target }) => ({ tag, target: target.replaceAll("&amp;", "&") }));
}

const anchorsIn = (html: string) => new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(({ 1: id }) => id));

/** The file that a static host sends for a path. */
function fileOf(folder: string, path: string): string | undefined {
  const file = path === "" || path.endsWith("/") ? posix.join(path, "index.html") : path;
  return existsSync(join(folder, file)) && statSync(join(folder, file)).isFile() ? file : undefined;
}
