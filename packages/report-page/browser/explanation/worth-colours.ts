/** Of a point that is worth nothing, on the dark ground of the view. */
const NOTHING = [72, 84, 100] as const;
/** Of points that speak for the box, from little to much; and of those that speak against it. */
const FOR = [
  [150, 74, 40],
  [255, 138, 36],
  [255, 236, 140],
] as const;
const AGAINST = [
  [46, 92, 140],
  [92, 190, 255],
] as const;

type Colour = readonly [red: number, green: number, blue: number];

/**
 * Colours of points by what they are worth.
 * @param shares [n] −1..1
 * @returns [n, 3] sRGB 0..255
 */
export function worthColours(shares: Float32Array): Uint8Array {
  const colours = new Uint8Array(3 * shares.length);
  shares.forEach((share, i) => {
    colours.set(share === 0 ? NOTHING : between(share > 0 ? FOR : AGAINST, Math.abs(share)), 3 * i);
  });
  return colours;
}

/** The places of points that are worth at least so much of the largest. */
export function placesAbove(shares: Float32Array, least: number): number[] {
  return Array.from(shares.keys()).filter((i) => Math.abs(shares[i]) >= least);
}

/** The same colours for a legend, from what speaks against to what speaks for. */
export function worthGradient(signed: boolean): string {
  const css = (colour: Colour) => `rgb(${colour.join(" ")})`;
  const all: readonly Colour[] = [...(signed ? [...AGAINST].reverse() : []), NOTHING, ...FOR];
  return `linear-gradient(90deg, ${all.map(css).join(", ")})`;
}

function between(colours: readonly Colour[], share: number): number[] {
  const place = share * (colours.length - 1);
  const from = Math.min(colours.length - 2, Math.floor(place));
  return [0, 1, 2].map((c) => colours[from][c] + (place - from) * (colours[from + 1][c] - colours[from][c]));
}
