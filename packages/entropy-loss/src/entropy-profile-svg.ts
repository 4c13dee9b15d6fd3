import type { BlockProfile, EntropyProfile } from "./entropy-profile.js";

/** Options of {@link entropyProfileSvg}. */
export interface ProfileSvgOptions {
  /** what it is called, for those who cannot see it too; default "Entropy profile" */
  readonly title?: string;
  /** in pixels; default 640 */
  readonly width?: number;
}

const ROW = 180;
const MARGIN = { left: 56, right: 16, top: 40, bottom: 30 };
/** Pixels below which what is said of a block takes two lines. */
const NARROW = 440;

/**
 * A profile as a picture: a row for each block, H of its layers as a line with points, ΔH as bars between them (below the
 * line through their zero: entropy falls). Colours follow the page's scheme, light or dark. A pure function of its input.
 * @returns an SVG element; text from `title` is escaped
 * @throws RangeError for a profile without blocks or a width below 200
 */
export function entropyProfileSvg(
  { blocks, l1 }: EntropyProfile,
  { title = "Entropy profile", width = 640 }: ProfileSvgOptions = {},
): string {
  if (blocks.length === 0) throw new RangeError("entropyProfileSvg: expected one block or more, got none");
  if (!(width >= 200)) throw new RangeError(`entropyProfileSvg: expected at least 200 for width, got ${width}`);
  const height = ROW * blocks.length;
  const text = `H of ${blocks.map(({ entropies }) => entropies.length).join(" + ")} layers, nats per dimension; L1 ${l1.toExponential(2)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(title)}</title><desc>${escapeXml(text)}</desc>`,
    "<style>text{font:12px system-ui,sans-serif;fill:#1c2530}.h{stroke:#0b6bcb;fill:none;stroke-width:2}.p{fill:#0b6bcb}" +
      ".d{fill:#c2571a;opacity:.55}.axis{stroke:#8793a1}" +
      "@media (prefers-color-scheme:dark){text{fill:#e6ebf1}.h{stroke:#6cb6ff}.p{fill:#6cb6ff}.d{fill:#f0915a}}</style>",
    ...blocks.map((block, row) => blockRow(block, { top: row * ROW, width })),
    "</svg>",
  ].join("\n");
}

function blockRow(block: BlockProfile, { top, width }: { readonly top: number; readonly width: number }): string {
  const { entropies, differences, l1, r2 } = block;
  const [x0, x1] = [MARGIN.left, width - MARGIN.right];
  const [y0, y1] = [top + ROW - MARGIN.bottom, top + MARGIN.top];
  const x = (layer: number) =>
    round(entropies.length === 1 ? (x0 + x1) / 2 : x0 + ((x1 - x0) * layer) / (entropies.length - 1));
  const h = scale(entropies, y0, y1);
  // ΔH shares the place with its own scale, zero in the middle.
  const most = Math.max(0, ...differences.map(Math.abs));
  const middle = (y0 + y1) / 2;
  const reach = (y0 - y1) / 2;
  const bar = (x1 - x0) / Math.max(1, entropies.length - 1) / 4;
  const bars = differences.map((difference, n) => {
    const size = (Math.abs(difference) / (most || 1)) * reach;
    const from = difference > 0 ? middle - size : middle;
    return `<rect class="d" x="${round(x(n) + 1.5 * bar)}" y="${round(from)}" width="${round(bar)}" height="${round(size)}"/>`;
  });
  const steady = r2 === undefined ? "" : `, R² ${r2.toFixed(3)}`;
  const said = [`block ${block.block}: L1 ${l1.toExponential(2)}${steady}`, `largest |ΔH| ${most.toPrecision(3)}`];
  const lines = width < NARROW ? said : [said.join(", ")];
  return [
    ...lines.map((line, i) => `<text x="${x0}" y="${top + 18 + 15 * i}">${line}</text>`),
    `<line class="axis" x1="${x0}" y1="${middle}" x2="${x1}" y2="${middle}"/>`,
    ...bars,
    `<polyline class="h" points="${entropies.map((value, layer) => `${x(layer)},${h(value)}`).join(" ")}"/>`,
    ...entropies.map((value, layer) => `<circle class="p" cx="${x(layer)}" cy="${h(value)}" r="4"/>`),
    ...entropies.map((_, layer) => `<text x="${x(layer)}" y="${y0 + 20}" text-anchor="middle">${layer}</text>`),
    `<text x="${x0 - 8}" y="${y0}" text-anchor="end">${Math.min(...entropies).toPrecision(3)}</text>`,
    `<text x="${x0 - 8}" y="${y1 + 8}" text-anchor="end">${Math.max(...entropies).toPrecision(3)}</text>`,
  ].join("\n");
}

/** From the smallest value at `low` to the largest at `high`; equal values lie in the middle. */
function scale(values: readonly number[], low: number, high: number): (value: number) => number {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return (value) => round(most === least ? (low + high) / 2 : low + ((value - least) / (most - least)) * (high - low));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escapeXml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
