import { quoted } from "checked-text";
import { counted } from "../system/counted.js";
import type { DataSource } from "./data-source.js";
import { framesOf, type ListedFrame, readFrameList } from "./frame-lists.js";

/** What a split is made of. */
type ListedFrames = Pick<DataSource, "root" | "ids" | "part">;

/** Frames of a split at most. */
const MOST_FRAMES = 1_000_000;

/**
 * The frames that `--split` names, one or more: ids separated by commas (or one that there is), the path of a `.txt` file with an
 * id a line, or a part of the data by its name, such as `train` or `all`.
 * @throws Error if nothing of the kind exists, with what does; if there is no frame in it; or naming a frame that there is not,
 *   or that comes twice, and the line of the file
 */
export function resolveSplit(data: ListedFrames, split: string): readonly string[] {
  const known = new Set(data.ids);
  if (known.has(split)) return [split];
  const where = `--split ${quoted(split)}`;
  if (split.includes(",")) {
    const ids = split.split(",").map((id) => id.trim());
    return checked(framesOf(where, ids), where, { data, known });
  }
  if (split.endsWith(".txt")) return checked(readFrameList(split), split, { data, known });
  return checked(partOf(data, split), where, { data, known });
}

function partOf(data: ListedFrames, name: string): readonly ListedFrame[] {
  try {
    return data.part(name);
  } catch (cause) {
    const example = data.ids.slice(0, 2).join(",");
    const hint = nearestId(name, data.ids);
    throw new Error(
      `--split ${name}: ${(cause as Error).message}${hint && ` (${hint})`}; give a list there, the path of a .txt file with one frame id a line, ` +
        `ids with commas (${example}), or "all"`,
      { cause },
    );
  }
}

interface Known {
  readonly data: ListedFrames;
  readonly known: ReadonlySet<string>;
}

/** A question whether a frame is meant: one of the same number with other zeros before it, or with more of the same name; empty if there is none. */
export function nearestId(id: string, ids: readonly string[]): string {
  const plain = (text: string) => text.replace(/^0+(?=.)/, "");
  const meant = ids.find((each) => plain(each) === plain(id)) ?? ids.find((each) => each.endsWith(id));
  return meant === undefined ? "" : `is ${meant} meant?`;
}

function checked(listed: readonly ListedFrame[], where: string, { data, known }: Known): readonly string[] {
  if (listed.length === 0) {
    const all = known.size === 0 ? "" : `; --split all takes every one of the ${counted(known.size, "frame")} there`;
    throw new Error(`${where}: expected one frame or more of ${data.root}, got none${all}`);
  }
  if (listed.length > MOST_FRAMES) {
    throw new Error(`${where}: expected at most ${MOST_FRAMES} frames, got ${listed.length}`);
  }
  const missing = listed.filter(({ id }) => !known.has(id));
  if (missing.length > 0) {
    const [first] = missing;
    const hint = nearestId(first.id, data.ids);
    const counts = `${missing.length} of ${listed.length} are not there${hint && `; ${hint}`}`;
    throw new Error(`${first.where}: expected frames of ${data.root}, got ${quoted(first.id)} (${counts})`);
  }
  const seen = new Map<string, string>();
  for (const { id, where: place } of listed) {
    const before = seen.get(id);
    if (before !== undefined) throw new Error(`${place}: expected each frame once, got ${id} again after ${before}`);
    seen.set(id, place);
  }
  return [...seen.keys()];
}
