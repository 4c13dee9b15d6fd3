/**
 * Colours of classes on the dark ground of the views. Chosen by a search so that any two differ as much as possible for
 * eyes that lack one kind of cone, too, and stand out from the ground (contrast 4.5 and more).
 */
export const CLASS_COLOURS = [
  "#5cb0ff",
  "#ff9a4d",
  "#00e6aa",
  "#e600c8",
  "#c8e600",
  "#8c6eff",
  "#ff0000",
  "#aaffff",
  "#aa6e6e",
  "#ffffaa",
] as const;

/** Kinds of objects that look the same on every page, whatever a data set calls them: the first colours, in this order. */
const KINDS = [
  /^(vehicle\.)?car$|^(regular_)?vehicle$/i,
  /^(human\.)?pedestrian|^person/i,
  /^(vehicle\.)?(cyclist|bicycl)|^rider/i,
];

/**
 * A colour for each class. The same names get the same colours whatever else is shown, as far as there are colours: each
 * class has a place of its own by its name, and takes the next free one where that is taken. An eleventh class and those after
 * it have the same colours, paler; beyond twenty they repeat.
 */
export function classColours(names: Iterable<string>): ReadonlyMap<string, string> {
  const sorted = [...new Set(names)].sort();
  const places = new Map<number, string>();
  KINDS.forEach((kind, place) => {
    const first = sorted.find((name) => kind.test(name) && ![...places.values()].includes(name));
    if (first !== undefined) places.set(place, first);
  });
  const count = CLASS_COLOURS.length;
  const others = count - KINDS.length;
  const colours = new Map([...places].map(([place, name]) => [name, CLASS_COLOURS[place] as string]));
  sorted
    .filter((name) => !colours.has(name))
    .forEach((name, i) => {
      let place = KINDS.length + (hash(name) % others);
      const isFull = i >= others;
      while (!isFull && places.has(place)) place = place + 1 < count ? place + 1 : KINDS.length;
      if (!isFull) places.set(place, name);
      const colour = CLASS_COLOURS[isFull ? (i - others) % count : place];
      colours.set(name, isFull && i - others < count ? paler(colour) : colour);
    });
  return colours;
}

/** FNV-1a of a text. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const letter of text.toLowerCase()) value = Math.imul(value ^ letter.codePointAt(0)!, 0x01000193);
  return value >>> 0;
}

/** Half way to white. */
function paler(colour: string): string {
  const parts = [1, 3, 5].map((i) => (Number.parseInt(colour.slice(i, i + 2), 16) + 255) >> 1);
  return `#${parts.map((part) => part.toString(16)).join("")}`;
}
