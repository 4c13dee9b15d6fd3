import { type DefaultTheme, defineConfig } from "vitepress";
import { slug } from "../src/markdown.js";
import { packagesOf, written } from "../src/pages.js";
import { repositoryUrl } from "../src/repository.js";
import { siteBase } from "../src/site-base.js";
import { design, type Group, guides, packageGroups, packageTexts } from "../src/site-map.js";

type Item = DefaultTheme.SidebarItem;

const sidebarOf = (groups: readonly Group[]): Item[] =>
  written(groups).map(({ text, places }) => ({
    text,
    items: places.map(({ text, path }) => ({ text, link: `/${path}` })),
  }));

/** Every package, with its API and other texts beneath. */
const packagesSidebar: Item[] = packageGroups.map(({ text, names }) => ({
  text,
  items: packagesOf(names).map(({ text, path, entries }) => {
    const apis = entries.map((entry) => ({
      text: entries.length > 1 ? `API of ${entry.name}` : "API",
      link: `/${entry.path}`,
    }));
    const texts = packageTexts
      .filter((each) => each.path.startsWith(`${path}-`))
      .map((each) => ({ text: each.text, link: `/${each.path}` }));
    const items = [...apis, ...texts];
    return { text, link: `/${path}`, ...(items.length > 0 && { items, collapsed: true }) };
  }),
}));

export default defineConfig({
  title: "Entropy Loss detectors",
  description: "LiDAR 3D object detectors in TypeScript, trained with and without the Entropy Loss",
  lang: "en",
  srcDir: "dist/pages",
  outDir: "dist/site",
  cacheDir: "dist/cache",
  base: siteBase,
  metaChunk: true,
  head: [
    ["link", { rel: "icon", href: `${siteBase}logo.svg` }],
    ["meta", { name: "theme-color", content: "#10151c", media: "(prefers-color-scheme: dark)" }],
    ["meta", { name: "theme-color", content: "#ffffff", media: "(prefers-color-scheme: light)" }],
  ],
  markdown: {
    anchor: { slugify: slug },
    attrs: { disable: true }, // braces at the end of a line are braces
    image: { lazyLoading: true },
    theme: { light: "github-light", dark: "github-dark" },
  },
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  themeConfig: {
    logo: "/logo.svg",
    search: { provider: "local" },
    outline: { level: [2, 3], label: "On this page" },
    externalLinkIcon: true,
    nav: [
      { text: "Guides", link: "/guides/start", activeMatch: "^/guides/" },
      { text: "Packages", link: "/packages/", activeMatch: "^/(packages|api)/" },
      { text: "Benchmarks", link: "/benchmarks", activeMatch: "^/benchmarks" },
      { text: "Design", link: "/design/architecture", activeMatch: "^/design/" },
      { text: "Playground", link: "/playground/index.html", target: "_self" },
    ],
    sidebar: {
      "/guides/": sidebarOf(guides),
      "/packages/": packagesSidebar,
      "/api/": packagesSidebar,
      "/design/": sidebarOf(design),
    },
    socialLinks: [{ icon: "github", link: repositoryUrl }],
    editLink: { pattern: ({ frontmatter }) => frontmatter.edit, text: "Change this text" },
    docFooter: { prev: false, next: "Next" },
  },
  // A page that is made of several texts or of doc comments has none to change.
  transformPageData: ({ frontmatter }) => ({
    frontmatter: { editLink: frontmatter.edit !== undefined, ...frontmatter },
  }),
});
