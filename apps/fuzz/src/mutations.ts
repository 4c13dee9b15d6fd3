import fc from "fast-check";

/** One change of a file. Places are shares of its length, so that a change fits every file. */
type Edit =
  | { readonly kind: "cut"; readonly at: number }
  | { readonly kind: "remove"; readonly at: number; readonly length: number }
  | { readonly kind: "repeat"; readonly at: number; readonly length: number; readonly times: number }
  | { readonly kind: "write"; readonly at: number; readonly bytes: Uint8Array; readonly over: boolean }
  | {
      readonly kind: "binary";
      readonly at: number;
      readonly value: bigint;
      readonly bytes: 1 | 2 | 4 | 8;
      readonly big: boolean;
    }
  | { readonly kind: "number"; readonly at: number; readonly text: string }
  | { readonly kind: "word"; readonly at: number; readonly text: string }
  | { readonly kind: "lines"; readonly at: number; readonly other: number };

/** Numbers that trip programs: borders of types, what is no number, what is too long. */
const NUMBERS = [
  ...[
    "-1",
    "-0",
    "0",
    "1",
    "1.5",
    "1e-320",
    "1e308",
    "-1e308",
    "1e400",
    "NaN",
    "nan",
    "Infinity",
    "-inf",
    "0x10",
    "1_000",
  ],
  ...[
    "255",
    "256",
    "65535",
    "65536",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "1e10",
    "9007199254740993",
  ],
  ...["1".repeat(400), `0.${"3".repeat(200)}`, "١٢", "", " ", "null", "true", '"7"'],
];
/** Values and texts in the place of others: other types, names with a meaning, control characters, deep nesting. */
const WORDS = [
  ...["null", "true", "[]", "{}", '""', "[[[[[[[[]]]]]]]]", "__proto__", "constructor", "toString", "../../etc/passwd"],
  ...[
    "\u0000",
    "\u001b[2J",
    "\u202e",
    "\ufeff",
    "ü".repeat(50),
    "a".repeat(5000),
    "[".repeat(3000),
    '{"a":'.repeat(500),
  ],
  ...[
    "&a [*a]",
    "!!js/function",
    "%",
    ":",
    "-",
    "#",
    ",",
    "\r\n",
    "=",
    "--",
    "-1",
    "--seed",
    "--json",
    "all",
    "Car",
    "DontCare",
  ],
];
const INTEGERS = [
  0n,
  1n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  (1n << 53n) + 1n,
  (1n << 64n) - 1n,
];
/** float32 and float64 NaN and infinities, as the bits that they are. */
const FLOAT_BITS = [0x7fc00000n, 0x7f800000n, 0xff800000n, 0x7f7fffffn, 0x7ff8000000000000n, 0x7ff0000000000000n];

const at = fc.double({ min: 0, max: 1, noNaN: true });
const length = fc.nat(80);
const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cut" as const), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("remove" as const), at, length }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("repeat" as const), at, length, times: fc.nat(200) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      at,
      bytes: fc.oneof(fc.uint8Array({ maxLength: 12 }), fc.constantFrom(...WORDS).map(encode)),
      over: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("binary" as const),
      at,
      value: fc.oneof(fc.constantFrom(...INTEGERS, ...FLOAT_BITS), fc.bigInt(0n, (1n << 64n) - 1n)),
      bytes: fc.constantFrom(1, 2, 4, 8),
      big: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("number" as const),
      at,
      text: fc.oneof(
        fc.constantFrom(...NUMBERS),
        fc.oneof(fc.nat(70), fc.double({ min: 0, max: 2, noNaN: true }), fc.double(), fc.integer()).map(String),
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("word" as const), at, text: fc.constantFrom(...WORDS) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("lines" as const), at, other: at }) },
);

/** Good files with a few changes. What fails is reduced to the changes that it takes. */
export function mutationsOf(seeds: readonly (string | Uint8Array)[]): fc.Arbitrary<Uint8Array> {
  const files = seeds.map((seed) => (typeof seed === "string" ? encode(seed) : seed));
  return fc
    .tuple(fc.constantFrom(...files), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([file, edits]) => edits.reduce(changed, file));
}

function changed(file: Uint8Array, change: Edit): Uint8Array {
  const place = Math.min(file.length, Math.floor(change.at * (file.length + 1)));
  const [before, after] = [file.subarray(0, place), file.subarray(place)];
  switch (change.kind) {
    case "cut":
      return before;
    case "remove":
      return Buffer.concat([before, after.subarray(change.length)]);
    case "repeat":
      return Buffer.concat([before, ...new Array(change.times).fill(after.subarray(0, change.length)), after]);
    case "write":
      return Buffer.concat([before, change.bytes, change.over ? after.subarray(change.bytes.length) : after]);
    case "binary":
      return Buffer.concat([before, bytesOf(change), after.subarray(change.bytes)]);
    case "number":
      return replaced(file, /[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?/gi, change);
    case "word":
      return replaced(file, /"[^"\n]{0,60}"|[\w.]+/g, change);
    case "lines":
      return swapped(file, change.at, change.other);
  }
}

function bytesOf({ value, bytes, big }: Extract<Edit, { kind: "binary" }>): Uint8Array {
  const out = Array.from({ length: bytes }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
  return Uint8Array.from(big ? out.reverse() : out);
}

/** With one of the matches of a pattern replaced. Every byte is a character here, so that what is no text stays as it is. */
function replaced(file: Uint8Array, pattern: RegExp, { at: share, text }: { at: number; text: string }): Uint8Array {
  const content = Buffer.from(file).toString("latin1");
  const matches = [...content.matchAll(pattern)];
  if (matches.length === 0) return file;
  const match = matches[Math.min(matches.length - 1, Math.floor(share * matches.length))];
  const end = match.index + match[0].length;
  return Buffer.concat([file.subarray(0, match.index), encode(text), file.subarray(end)]);
}

/** With one line in the place of another, which is lost: so lines come twice too. */
function swapped(file: Uint8Array, from: number, to: number): Uint8Array {
  const lines = Buffer.from(file).toString("latin1").split("\n");
  const index = (share: number) => Math.min(lines.length - 1, Math.floor(share * lines.length));
  lines[index(to)] = lines[index(from)];
  return Buffer.from(lines.join("\n"), "latin1");
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
