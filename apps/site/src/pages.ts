import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type EntryPoint, entryPoints } from "./entry-points.js";
import { siteLink, type Targets } from "./links.js";
import { headingsOf, outsideCode, rewriteTargets, sectionOf } from "./markdown.js";
import { kindOf, readText, root, sourceUrl, workspacePackages } from "./repository.js";
import { design, type Group, guides, type Place, packageGroups, packageTexts } from "./site-map.js";

export interface Page {
  /** address, without the leading slash and ending */
  readonly path: string;
  readonly markdown: string;
  /** the text it is made from, from the root; none for a page of several */
  readonly source?: string;
  readonly title: string;
  readonly description: string;
}

/** A package of the workspace, and where it is on the site. */
export interface SitePackage extends Place {
  readonly name: string;
  readonly description: string;
  readonly isPublished: boolean;
  readonly entries: readonly EntryPoint[];
}

const packages = workspacePackages();

/** The packages of a group of the navigation, without those that are not there yet. */
export function packagesOf(names: readonly string[]): SitePackage[] {
  return names.flatMap((name) => {
    const found = packages.find(({ manifest }) => manifest.name === name);
    if (found === undefined) return [];
    const { folder, manifest } = found;
    const short = name.replace("@eloss/", "");
    return {
      name,
      text: short,
      description: manifest.description,
      source: `${folder}/README.md`,
      path: `packages/${short}`,
      isPublished: manifest.private !== true,
      entries: entryPoints(folder, manifest),
    };
  });
}

export const sitePackages: readonly SitePackage[] = packageGroups.flatMap(({ names }) => packagesOf(names));

const isThere = ({ source }: Place) => kindOf(source) === "file";

/** Groups of places, without those whose text is not written yet. */
export const written = (groups: readonly Group[]): Group[] =>
  groups.map(({ text, places }) => ({ text, places: places.filter(isThere) }));

export const places: readonly Place[] = [
  ...[...guides, ...design].flatMap((group) => group.places),
  ...packageTexts,
].filter(isThere);

const targets: Targets = {
  pages: new Map([...places, ...sitePackages].map(({ source, path }) => [source, path])),
  packages: new Map(sitePackages.filter(({ isPublished }) => isPublished).map(({ name, path }) => [name, path])),
};

/** A text of the repository with the links of the site. */
function linked(markdown: string, source: string): string {
  return rewriteTargets(markdown, (target, isPicture) => siteLink(target, source, targets, isPicture));
}

/** Every page but those of the API. */
export function composePages(): Page[] {
  return [
    homePage(),
    ...places.map((place) => textPage(place, linked(readText(place.source), place.source))),
    packagesPage(),
    ...sitePackages.map(packagePage),
    benchmarksPage(),
  ];
}

function textPage({ source, path, text }: Place, markdown: string): Page {
  return { path, source, markdown, title: text, description: firstParagraph(markdown) };
}

/** The README, below its heading where it is published and what its API is. */
function packagePage(of: SitePackage): Page {
  const links = [
    ...(of.isPublished ? [`[npm](https://www.npmjs.com/package/${of.name})`] : []),
    `[Source](${sourceUrl(of.source.replace("/README.md", ""))})`,
    ...of.entries.map(({ name, path }) => `[API${of.entries.length > 1 ? ` of ${name}` : ""}](/${path})`),
    ...packageTexts.filter(({ path }) => path.startsWith(`${of.path}-`)).map(({ text, path }) => `[${text}](/${path})`),
  ];
  const readme = linked(readText(of.source), of.source);
  const belowTitle = readme.indexOf("\n") + 1;
  const markdown = `${readme.slice(0, belowTitle)}\n<div class="page-links">\n\n${links.join(" ")}\n\n</div>\n${readme.slice(belowTitle)}`;
  return { ...textPage(of, markdown), description: of.description };
}

function cards(of: readonly SitePackage[]): string {
  const lines = of.map(({ text, path, description }) => `[**${text}** ${description}](/${path})`);
  return `<div class="cards">\n\n${lines.join("\n\n")}\n\n</div>`;
}

function packagesPage(): Page {
  const description = "Each package is published on its own and useful alone.";
  const groups = packageGroups.map(({ text, names }) => `## ${text}\n\n${cards(packagesOf(names))}`);
  return {
    path: "packages/index",
    title: "Packages",
    description,
    markdown: `# Packages\n\n${description} Those under [Tools of this repository](#tools-of-this-repository) and [Inside](#inside) are private.\n\n${groups.join("\n\n")}\n`,
  };
}

/** The sections "Speed" of the project's and the packages' READMEs: dated tables, with machine and command. */
function benchmarksPage(): Page {
  const description = "How fast it is: every figure with its date, its machine and its command.";
  const bench = sitePackages.find(({ name }) => name === "@eloss/bench")!;
  const sections = [{ text: "A training step", source: "README.md", path: "guides/start" }, ...sitePackages].flatMap(
    (of) => {
      const speed = sectionOf(readText(of.source), "Speed");
      if (speed === undefined) return [];
      const lower = outsideCode(linked(speed, of.source), (text) => text.replace(/^#(?=#+ )/gm, "##"));
      return [`## ${of.text}\n\n${lower}\n\nFrom [${of.source}](/${of.path}).`];
    },
  );
  return {
    path: "benchmarks",
    title: "Benchmarks",
    description,
    markdown: `# Benchmarks\n\n${description} [\`pnpm bench\`](/${bench.path}) gives those of kernels and steps on another machine, as shares of what that machine can do.\n\n${sections.join("\n\n")}\n`,
  };
}

/** `home.md`, in which `<!-- section FILE: NAME -->` and `<!-- packages GROUP -->` stand for texts of the repository. */
function homePage(): Page {
  const source = "apps/site/home.md";
  const markdown = readText(source)
    .replace(/^<!-- section (\S+): (.+) -->$/gm, (_, file: string, name: string) => {
      const section = sectionOf(readText(file), name);
      if (section === undefined) throw new Error(`${source}: ${file} has no section ${name}`);
      return linked(section, file);
    })
    .replace(/^<!-- packages -->$/gm, cards(sitePackages.filter(({ isPublished }) => isPublished)));
  return {
    path: "index",
    title: "LiDAR detectors, in TypeScript",
    description: JSON.parse(readText("package.json")).description,
    markdown,
  };
}

/** The first paragraph of a text as plain words, for search engines and previews of links. */
function firstParagraph(markdown: string): string {
  const [title] = headingsOf(markdown);
  const paragraph = markdown
    .slice(title.start)
    .split(/\n{2,}/)
    .slice(1)
    .find((each) => /^[\p{L}\p{N}"`[*]/u.test(each));
  return (paragraph ?? title.text)
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[`*]|\n/g, (mark) => (mark === "\n" ? " " : ""));
}

/** Texts of `docs`, each of which has to have a place. */
export function textsOfDocs(): string[] {
  return readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`);
}
