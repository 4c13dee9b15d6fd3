import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { root, rootManifest, workspacePackages } from "../../../scripts/release/packages.mjs";

export { root, workspacePackages };

/** Where the repository is to be read by people, by the root's manifest. */
export const repositoryUrl: string = rootManifest.repository.url.replace(/^git\+|\.git$/g, "");

/** A text of the repository. @param path from the root */
export function readText(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** What a path of the repository is, or `undefined` where nothing is there. */
export function kindOf(path: string): "file" | "folder" | undefined {
  const absolute = join(root, path);
  return existsSync(absolute) ? (statSync(absolute).isDirectory() ? "folder" : "file") : undefined;
}

/** Address of a file or folder of the repository on its host. */
export function sourceUrl(path: string): string {
  return `${repositoryUrl}/${kindOf(path) === "folder" ? "tree" : "blob"}/main/${path}`;
}
