import { posix } from "node:path";
import { kindOf, repositoryUrl, sourceUrl } from "./repository.js";

/** What the links of a text can lead to. */
export interface Targets {
  /** address on the site by the path of a text from the root */
  readonly pages: ReadonlyMap<string, string>;
  /** address on the site by the name of a published package */
  readonly packages: ReadonlyMap<string, string>;
}

/**
 * Where a link of a text of the repository leads from the site: to the page made from the same file, else to the file on the
 * repository's host. Addresses of the host and of the registry that mean something of ours count as such, since the README of a
 * published package can have no others.
 * @param source the text that the link stands in, from the root
 * @param isPicture pictures lie in `/files`, under their own paths
 * @throws Error for a relative link to nothing
 */
export function siteLink(target: string, source: string, { pages, packages }: Targets, isPicture = false): string {
  if (target.startsWith("#")) return target;
  const npm = /^https:\/\/www\.npmjs\.com\/package\/([^/#]+)$/.exec(target)?.[1];
  if (npm !== undefined) return withSlash(packages.get(npm)) ?? target;
  const path = repositoryPath(target, source);
  if (path === undefined) return target;
  const [file, anchor = ""] = path.split(/(?=#)/);
  if (kindOf(file) === undefined) throw new Error(`${source}: the link to ${target} leads nowhere`);
  if (isPicture) return `/files/${file}`;
  return (withSlash(pages.get(file) ?? pages.get(`${file}/README.md`)) ?? sourceUrl(file)) + anchor;
}

/** The path from the root, with its anchor, that a link means; `undefined` if it leads elsewhere. */
function repositoryPath(target: string, source: string): string | undefined {
  for (const kind of ["blob", "tree"]) {
    const prefix = `${repositoryUrl}/${kind}/main/`;
    if (target.startsWith(prefix)) return target.slice(prefix.length);
  }
  if (/^[a-z]+:/.test(target)) return undefined;
  return posix.join(posix.dirname(source), target).replace(/\/$/, "");
}

const withSlash = (page: string | undefined) => page && `/${page}`;
