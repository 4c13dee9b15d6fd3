import { escapeHtml } from "./escape-html.js";
import type { ResultDifference, ResultDifferences } from "./experiment-data.js";

/** Below it, and where they would run into each other, a row's numbers stand under its name. */
const NARROW = 520;
/** Width of a letter, px, rather too much than too little: nothing here can measure text. */
const LETTER = 7;
const MARGIN = { side: 16, top: 8, bottom: 44 };
/** Height of a line of text, and of the place where an interval is drawn. */
const LINE = 20;
const PLACE = 26;

/** Without variables, which programs that print or convert drawings do not know. */
const STYLE = `
.differences { font: 13px system-ui, "Segoe UI", Roboto, sans-serif }
${colours({ ink: "#1a2230", soft: "#5a6676", faint: "#e1e5ea", mark: "#0b6fc2" })}
.differences .interval { stroke-width: 3; stroke-linecap: round }
.differences .pair { fill-opacity: 0.35 }
.differences .alike { fill-opacity: 0.12 }
@media (prefers-color-scheme: dark) {
${colours({ ink: "#e6ebf2", soft: "#9aa8ba", faint: "#2b3543", mark: "#5cb0ff" })}
}`;

function colours({ ink, soft, faint, mark }: Readonly<Record<"ink" | "soft" | "faint" | "mark", string>>): string {
  return [
    `.differences text { fill: ${ink} }`,
    `.differences text.soft, .differences .alike { fill: ${soft} }`,
    `.differences .tick { stroke: ${faint} }`,
    `.differences .zero { stroke: ${soft} }`,
    `.differences .interval { stroke: ${mark} }`,
    `.differences .mean, .differences .pair { fill: ${mark} }`,
  ].join("\n");
}

/**
 * Differences with their intervals, one under the other, as a drawing of its own that is readable on light and on dark ground: a point for
 * every pair, and over them the mean with its interval; what counts as no difference is shaded.
 * @param width px
 * @returns an `svg` element
 */
export function differencesSvg({ title, unit, alike, rows }: ResultDifferences, width = 720): string {
  const letters = Math.floor((width - 2 * MARGIN.side) / LETTER);
  const isBeside = width >= NARROW && rows.every((row) => row.name.length + 3 + inWords(row).length <= letters);
  const names = rows.map(({ name }) => (isBeside ? [name] : brokenAt(name, letters)));
  const lines = isBeside ? 1 : 1 + Math.max(1, ...names.map(({ length }) => length));
  const rowHeight = lines * LINE + PLACE;
  const bottom = MARGIN.top + rows.length * rowHeight;
  const reach = reachOf(rows, alike);
  // Zero is in the middle: gain and harm look alike.
  const x = (value: number) => round(width / 2 + (value / reach) * (width / 2 - MARGIN.side));
  const { ticks, digits } = ticksOf(reach);

  const ground = [
    alike === undefined
      ? ""
      : `<rect class="alike" x="${x(-alike)}" y="${MARGIN.top}" width="${round(x(alike) - x(-alike))}" height="${bottom - MARGIN.top}"/>`,
    ...ticks.flatMap((tick) => [
      `<line class="${tick === 0 ? "zero" : "tick"}" x1="${x(tick)}" x2="${x(tick)}" y1="${MARGIN.top}" y2="${bottom}"/>`,
      `<text class="soft" x="${x(tick)}" y="${bottom + 16}" text-anchor="middle">${signed(tick, digits)}</text>`,
    ]),
    `<text class="soft" x="${width / 2}" y="${bottom + 36}" text-anchor="middle">${escapeHtml(unit)}</text>`,
  ];
  const drawn = rows.map((row, i) => {
    const top = MARGIN.top + i * rowHeight;
    return drawRow(row, { top, name: names[i], isBeside, middle: round(top + lines * LINE + PLACE / 2 - 4), width, x });
  });
  const height = bottom + MARGIN.bottom;
  return [
    `<svg class="differences" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeHtml(title)}</title>`,
    `<style>${STYLE}\n</style>`,
    ...ground.filter((part) => part !== ""),
    ...drawn,
    "</svg>\n",
  ].join("\n");
}

interface RowPlace {
  readonly top: number;
  /** in lines */
  readonly name: readonly string[];
  /** whether the numbers stand beside the name */
  readonly isBeside: boolean;
  /** of the marks */
  readonly middle: number;
  readonly width: number;
  readonly x: (value: number) => number;
}

function drawRow(row: ResultDifference, { top, name, isBeside, middle, width, x }: RowPlace): string {
  const { pairs, mean, low, high } = row;
  const [left, right] = [MARGIN.side, width - MARGIN.side];
  const words = [
    ...name.map((line, i) => `<text x="${left}" y="${top + 15 + i * LINE}">${escapeHtml(line)}</text>`),
    isBeside
      ? `<text class="soft" x="${right}" y="${top + 15}" text-anchor="end">${inWords(row)}</text>`
      : `<text class="soft" x="${left}" y="${top + name.length * LINE + 13}">${inWords(row)}</text>`,
  ];
  const marks = pairs.map((value) => `<circle class="pair" cx="${x(value)}" cy="${middle}" r="4"/>`);
  if (low !== null && high !== null) {
    marks.push(`<line class="interval" x1="${x(low)}" x2="${x(high)}" y1="${middle}" y2="${middle}"/>`);
  }
  marks.push(`<circle class="mean" cx="${x(mean)}" cy="${middle}" r="6"/>`);
  return [...words, ...marks].join("\n");
}

/** A text in lines of so many letters, as far as its words are no longer. */
function brokenAt(text: string, letters: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= letters) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** `+0.30 (−0.90 to +1.50), 10 pairs` */
function inWords({ pairs, mean, low, high }: ResultDifference): string {
  const interval = low === null || high === null ? "" : ` (${signed(low)} to ${signed(high)})`;
  return `${signed(mean)}${interval}, ${pairs.length} ${pairs.length === 1 ? "pair" : "pairs"}`;
}

/** From the middle to either side: whatever is drawn has room. */
function reachOf(rows: readonly ResultDifference[], alike = 0): number {
  const values = rows.flatMap(({ pairs, low, high }) => [...pairs, low ?? 0, high ?? 0]);
  return 1.05 * Math.max(1.25 * alike, ...values.map(Math.abs)) || 1;
}

/** From −reach to reach, 1, 2 or 5 times a power of ten apart, three to seven on each side; and the decimals they need. */
function ticksOf(reach: number): { readonly ticks: readonly number[]; readonly digits: number } {
  const exponent = Math.floor(Math.log10(reach / 3));
  const step = 10 ** exponent * ([5, 2].find((factor) => 3 * factor * 10 ** exponent <= reach) ?? 1);
  const count = Math.floor(reach / step);
  return {
    ticks: Array.from({ length: 2 * count + 1 }, (_, i) => (i - count) * step),
    digits: Math.max(0, -exponent),
  };
}

function signed(value: number, digits = 2): string {
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? text : `${value < 0 ? "−" : "+"}${text}`;
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
