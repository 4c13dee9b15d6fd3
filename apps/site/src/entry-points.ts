import { join } from "node:path";
import { kindOf } from "./repository.js";

/** A module that a package offers, and the page of its API. */
export interface EntryPoint {
  /** what an import names: `kitti-io/parse` */
  readonly name: string;
  /** its source, from the root */
  readonly source: string;
  /** address of its API's page, without the leading slash and ending */
  readonly path: string;
}

/**
 * What the manifest of a published package exports with types, by the sources that the build makes it from. Empty for a private
 * one, and for one that is a command.
 */
export function entryPoints(folder: string, manifest: Manifest): EntryPoint[] {
  if (manifest.private === true) return [];
  const published = manifest.publishConfig?.exports ?? manifest.exports ?? {};
  return Object.entries(published).flatMap(([key, value]) => {
    const types = typesOf(value);
    if (types === undefined) return [];
    const name = `${manifest.name}${key.slice(1)}`;
    const stem = types.replace(/^\.\/dist\/|\.d\.ts$/g, "");
    const source = [`src/${stem}.ts`, `src/${stem}/index.ts`].map((file) => join(folder, file)).find(kindOf);
    if (source === undefined) throw new Error(`${folder}: found no source of ${types}`);
    return [{ name, source, path: `api/${name}` }];
  });
}

export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly publishConfig?: { readonly exports?: Readonly<Record<string, unknown>> };
}

/** The first file of types among the conditions of an export. */
function typesOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  for (const [condition, inner] of Object.entries(value)) {
    if (condition === "types") return inner;
    const found = typesOf(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}
