import { readFileSync } from "node:fs";
import type { DataSource } from "./data-source.js";

/**
 * The frames that `--split` names: ids separated by commas (or one that there is), the path of a `.txt` file with an id a line,
 * or a part of the data by its name, such as `train` or `all`.
 * @throws Error if nothing of the kind exists, with what does; or naming a frame that there is not
 */
export function resolveSplit(data: DataSource, split: string): readonly string[] {
  const known = new Set(data.ids);
  if (known.has(split)) return [split];
  if (split.includes(",")) return present(split.split(","), split, { data, known });
  if (split.endsWith(".txt")) return present(readIds(split), split, { data, known });
  return present(partOf(data, split), `--split ${split}`, { data, known });
}

function partOf(data: DataSource, name: string): readonly string[] {
  try {
    return data.part(name);
  } catch (cause) {
    const example = data.ids.slice(0, 2).join(",");
    throw new Error(
      `--split ${name}: ${(cause as Error).message}; give a list there, the path of a .txt file with one frame id a line, ` +
        `ids with commas (${example}), or "all"`,
      { cause },
    );
  }
}

function readIds(path: string): string[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.map((line) => line.trim()).filter(Boolean);
}

interface Known {
  readonly data: DataSource;
  readonly known: ReadonlySet<string>;
}

function present(ids: readonly string[], where: string, { data, known }: Known): readonly string[] {
  const missing = ids.filter((id) => !known.has(id));
  if (missing.length === 0) return ids;
  throw new Error(
    `${where}: names ${ids.length} frames, of which ${missing.length} are not in ${data.root} (first: ${missing[0]})`,
  );
}
