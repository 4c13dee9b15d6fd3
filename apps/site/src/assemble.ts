import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeApi } from "./api.js";
import { linksOf } from "./markdown.js";
import { composePages, type Page, sitePackages } from "./pages.js";
import { repositoryUrl, root } from "./repository.js";

/** The site's folder, and what is made in it: Markdown pages, which VitePress takes. */
export const siteFolder = fileURLToPath(new URL("..", import.meta.url));
export const pagesFolder = join(siteFolder, "dist/pages");

/** Writes the Markdown of the whole site, with its pictures and the playground. */
export async function assemble(): Promise<void> {
  rmSync(pagesFolder, { recursive: true, force: true });
  const pages = composePages();
  for (const page of pages) write(`${page.path}.md`, frontMatter(page) + page.markdown);
  await writeApi(
    sitePackages.flatMap(({ entries }) => entries),
    join(pagesFolder, "api"),
  );
  cpSync(join(siteFolder, "public"), join(pagesFolder, "public"), { recursive: true });
  copy("apps/playground/dist/index.html", "playground/index.html");
  const pictures = pages.flatMap(({ markdown }) => linksOf(markdown)).filter((target) => target.startsWith("/files/"));
  for (const picture of new Set(pictures)) copy(picture.slice("/files/".length), picture);
}

function write(path: string, content: string): void {
  const file = join(pagesFolder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** From the repository into what is served as it is. */
function copy(from: string, to: string): void {
  cpSync(join(root, from), join(pagesFolder, "public", to));
}

/** What the theme is told of a page: strings in JSON are YAML, too. */
function frontMatter({ title, description, source, path }: Page): string {
  const edit = source && `${repositoryUrl}/edit/main/${source}`;
  const layout = path === "index" ? "page" : undefined;
  const fields = Object.entries({ layout, title, description, edit }).filter(([, value]) => value !== undefined);
  return `---\n${fields.map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`).join("")}---\n\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await assemble();
