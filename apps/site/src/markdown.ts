/** Code of a Markdown text, fenced and inline: nothing in it is a link or a heading. */
const CODE =
  /^(?<fence>`{3,}|~{3,})[^\n]*\n(?:[\s\S]*?\n)?\k<fence>[ \t]*$|(?<ticks>`+)(?!`)[\s\S]*?(?<!`)\k<ticks>(?!`)/gm;

/** Applies `change` to what stands between pieces of code. */
export function outsideCode(markdown: string, change: (text: string) => string): string {
  let done = "";
  let from = 0;
  for (const { 0: code, index } of markdown.matchAll(CODE)) {
    done += change(markdown.slice(from, index)) + code;
    from = index + code.length;
  }
  return done + change(markdown.slice(from));
}

export interface Heading {
  readonly level: number;
  readonly text: string;
  /** where its line begins */
  readonly start: number;
}

/** The headings of a text, in order, with the Markdown of their names. */
export function headingsOf(markdown: string): Heading[] {
  // Code keeps its length and loses its lines' beginnings, so that a comment of a shell is no heading.
  const plain = markdown.replace(CODE, (code) => (code.includes("\n") ? code.replace(/^#/gm, " ") : code));
  return [...plain.matchAll(/^(#{1,6}) +(.+?) *#*$/gm)].map(({ 1: marks, 2: text, index }) => ({
    level: marks.length,
    text,
    start: index,
  }));
}

/**
 * The part of a text under one of its headings, without the heading, up to the next one of its level or above.
 * @returns undefined where there is no such heading
 */
export function sectionOf(markdown: string, name: string): string | undefined {
  const headings = headingsOf(markdown);
  const at = headings.findIndex(({ text }) => text === name);
  if (at < 0) return undefined;
  const next = headings.slice(at + 1).find(({ level }) => level <= headings[at].level);
  const part = markdown.slice(headings[at].start, next?.start);
  return part.slice(part.indexOf("\n") + 1).trim();
}

/** The anchor of a heading as GitHub makes it, so that a link works there and here. @param text without markup, or with it */
export function slug(text: string): string {
  return text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
    .replaceAll(" ", "-");
}

/** Every anchor that a text offers: its headings, a second one of a name with `-1` behind it, and anchors written as HTML. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const { text } of headingsOf(markdown)) {
    const base = slug(text);
    let anchor = base;
    for (let i = 1; anchors.has(anchor); i++) anchor = `${base}-${i}`;
    anchors.add(anchor);
  }
  for (const { 1: id } of markdown.matchAll(/<a id="([^"]+)"/g)) anchors.add(id);
  return anchors;
}

/** The targets of all links and pictures outside code. */
export function linksOf(markdown: string): string[] {
  const found: string[] = [];
  rewriteTargets(markdown, (target) => {
    found.push(target);
    return target;
  });
  return found;
}

/** A text with the target of every link and picture replaced. @param change gets the target, and whether it is a picture's */
export function rewriteTargets(markdown: string, change: (target: string, isPicture: boolean) => string): string {
  // In one pass: the text of a link may hold code, and a picture may be the text of a link.
  const pictures = new Set([...markdown.matchAll(/!\[[^\]]*\]\(([^)\s]+)/g)].map(({ 1: target }) => target));
  return outsideCode(markdown, (text) =>
    text.replace(/\]\(([^)\s]+)( "[^"]*")?\)/g, (_, target: string, title = "") => {
      return `](${change(target, pictures.has(target))}${title})`;
    }),
  );
}
