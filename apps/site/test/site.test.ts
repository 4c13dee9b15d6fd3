import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { brokenLinks } from "../src/check-site.js";
import { siteLink } from "../src/links.js";
import { anchorsOf, headingsOf, linksOf, sectionOf, slug } from "../src/markdown.js";
import { composePages, places, sitePackages, textsOfDocs } from "../src/pages.js";
import { repositoryUrl, root, workspacePackages } from "../src/repository.js";

const pages = composePages();
const byPath = new Map(pages.map((page) => [page.path, page]));
const apiPages = sitePackages.flatMap(({ entries }) => entries.map(({ path }) => path));

describe("what the site holds", () => {
  it("has a place for every text of docs", () => {
    const placed = places.map(({ source }) => source);
    expect(textsOfDocs().filter((text) => !placed.includes(text))).toEqual([]);
  });

  it("has every package of the workspace once", () => {
    const names = workspacePackages().map(({ manifest }: { manifest: { name: string } }) => manifest.name);
    expect(sitePackages.map(({ name }) => name).sort()).toEqual(names.sort());
  });

  it("has a page for each of them, and no address twice", () => {
    for (const { path } of [...places, ...sitePackages]) expect(byPath.has(path), path).toBe(true);
    const addresses = [...pages.map(({ path }) => path), ...apiPages];
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  it("has the API of every published package but the command's, by the names that are imported", () => {
    const without = sitePackages.filter(({ isPublished, entries }) => isPublished && entries.length === 0);
    expect(without.map(({ name }) => name)).toEqual(["eloss"]);
    expect(apiPages).toContain("api/kitti-io");
    expect(apiPages).toContain("api/kitti-io/parse");
    expect(apiPages).toContain("api/knn-entropy/tfjs");
  });

  it("describes every page in a line", () => {
    for (const { path, title, description } of pages) {
      expect(title, path).toMatch(/\S/);
      expect(description, path).toMatch(/^[^\n<]{15,}$/);
    }
  });
});

describe("links", () => {
  it.each(pages.map(({ path }) => path))("of %s lead somewhere, to anchors, too", (path) => {
    const { markdown } = byPath.get(path)!;
    for (const link of linksOf(markdown)) {
      const [target, anchor] = link.split("#");
      if (/^[a-z]+:/.test(target) || target.startsWith("/playground/") || target.startsWith("/files/")) continue;
      if (target.startsWith("/pictures/")) {
        expect(existsSync(join(root, "apps/site/public", target)), `${path}: ${link}`).toBe(true);
        continue;
      }
      const address = target === "" ? path : target.slice(1).replace(/\/$/, "/index");
      const known = byPath.get(address);
      expect(known !== undefined || apiPages.includes(address), `${path}: ${link}`).toBe(true);
      if (anchor !== undefined && known !== undefined) {
        expect([...anchorsOf(known.markdown)], `${path}: ${link}`).toContain(anchor);
      }
    }
  });

  const targets = {
    pages: new Map([
      ["docs/results.md", "guides/results"],
      ["packages/kitti-io/README.md", "packages/kitti-io"],
    ]),
    packages: new Map([["kitti-io", "packages/kitti-io"]]),
  };

  it("lead to pages where there are some, else to the repository", () => {
    const from = (target: string, source: string) => siteLink(target, source, targets);
    expect(from("results.md#conclusions", "docs/protocol.md")).toBe("/guides/results#conclusions");
    expect(from("../packages/kitti-io", "docs/scale.md")).toBe("/packages/kitti-io");
    expect(from("../packages/kitti-io/", "docs/scale.md")).toBe("/packages/kitti-io");
    expect(from(`${repositoryUrl}/blob/main/docs/results.md`, "apps/train/README.md")).toBe("/guides/results");
    expect(from("https://www.npmjs.com/package/kitti-io", "README.md")).toBe("/packages/kitti-io");
    expect(from("https://www.npmjs.com/package/zod", "README.md")).toBe("https://www.npmjs.com/package/zod");
    expect(from("../scripts/soak.mjs", "docs/scale.md")).toBe(`${repositoryUrl}/blob/main/scripts/soak.mjs`);
    expect(from("../scripts/release", "docs/scale.md")).toBe(`${repositoryUrl}/tree/main/scripts/release`);
    expect(from("#changes", "docs/protocol.md")).toBe("#changes");
    expect(from("https://optuna.org", "docs/sweeps.md")).toBe("https://optuna.org");
    expect(siteLink("camera-3.png", "packages/kitti-sim/docs/believability.md", targets, true)).toBe(
      "/files/packages/kitti-sim/docs/camera-3.png",
    );
  });

  it("to nothing are refused", () => {
    expect(() => siteLink("gone.md", "docs/scale.md", targets)).toThrow(
      "docs/scale.md: the link to gone.md leads nowhere",
    );
    expect(() => siteLink(`${repositoryUrl}/blob/main/gone.md`, "README.md", targets)).toThrow("leads nowhere");
  });
});

describe("Markdown", () => {
  const text = [
    "# A `title`, *twice*",
    "[`a`](one.md) `[b](two.md)` ![c](three.png)",
    "```sh",
    "# no heading [d](four.md)",
    "```",
    "## Speed",
    "fast",
    "### On one core",
    "slower",
    "## Speed",
    "## [Linked](five.md)",
  ].join("\n");

  it("has headings and links outside code alone", () => {
    expect(headingsOf(text).map(({ level, text }) => `${level} ${text}`)).toEqual([
      "1 A `title`, *twice*",
      "2 Speed",
      "3 On one core",
      "2 Speed",
      "2 [Linked](five.md)",
    ]);
    expect(linksOf(text)).toEqual(["one.md", "three.png", "five.md"]);
  });

  it("has anchors as GitHub makes them", () => {
    expect([...anchorsOf(text)]).toEqual(["a-title-twice", "speed", "on-one-core", "speed-1", "linked"]);
    expect(slug("What it does *not* do: L1 & L2")).toBe("what-it-does-not-do-l1--l2");
    expect(slug("`boxes_of(scan)`, übrigens")).toBe("boxes_ofscan-übrigens");
  });

  it("gives the section of a name, up to the next heading of its level", () => {
    expect(sectionOf(text, "Speed")).toBe("fast\n### On one core\nslower");
    expect(sectionOf(text, "On one core")).toBe("slower");
    expect(sectionOf(text, "Missing")).toBeUndefined();
  });
});

describe("the check of a built site", () => {
  const folder = mkdtempSync(join(tmpdir(), "site-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("names every link that leads nowhere, out of the base or to a missing anchor, and every request elsewhere", () => {
    mkdirSync(join(folder, "guides"));
    writeFileSync(
      join(folder, "index.html"),
      '<h1 id="top">x</h1><a href="/site/guides/a.html#b">1</a><a href="/site/guides/a.html#c">2</a><a href="/guides/a.html">3</a>' +
        '<a class="x" href="https://example.org">4</a><script src="https://example.org/x.js"></script><img src="/site/no.png">' +
        '<a href="#top">5</a><a href="mailto:a@b">6</a><a href="/site/guides/">7</a>',
    );
    writeFileSync(
      join(folder, "guides/a.html"),
      '<h2 id="b">b</h2><a href="../index.html#top">1</a><a href="./gone.html">2</a>',
    );
    expect(brokenLinks(folder, "/site/").sort()).toEqual([
      "guides/a.html: ./gone.html leads nowhere",
      "index.html: /guides/a.html is not under /site/",
      "index.html: /site/guides/ leads nowhere",
      "index.html: /site/guides/a.html#c: no such anchor",
      "index.html: /site/no.png leads nowhere",
      "index.html: asks https://example.org/x.js for a script",
    ]);
  });
});
