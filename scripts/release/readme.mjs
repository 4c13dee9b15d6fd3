// What a README promises: a line that installs, a first example and what it prints.

/**
 * @param {string} markdown
 * @returns what stands in the first blocks: names to install; code (js, ts or sh), its language, and the output below it;
 *   and all further code of js or ts
 */
export function readReadme(markdown) {
  const install = /^```sh\nnpm install (.+)\n```$/m.exec(markdown);
  const example = /^## Example$.*?^```(js|ts|sh)\n(.*?)^```$.*?^```(?:text)?\n(.*?)^```$/ms.exec(markdown);
  if (install === null || example === null) {
    throw new Error(
      "readReadme: expected a block `npm install …`, and under `## Example` one of code and one of its output",
    );
  }
  const [, language, code, output] = example;
  const blocks = [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].filter(
    ([, kind]) => kind === "js" || kind === "ts",
  );
  const further = blocks.map(([, , text]) => text).filter((text) => text !== code);
  return { names: install[1].split(" "), language, code, output, further };
}

/** An ES module as CommonJS, for examples: import statements of one line, and `await` at the top. */
export function asCommonJs(code) {
  const body = code
    .replace(/^import \* as (\w+) from (".+?");$/gm, "const $1 = require($2);")
    .replace(/^import \{(.+?)\} from (".+?");$/gm, (_, names, from) => {
      return `const {${names.replace(/\b(\w+) as (\w+)/g, "$1: $2")}} = require(${from});`;
    })
    .replace(/^import (".+?");$/gm, "require($1);");
  return `(async () => {\n${body}})();\n`;
}

const number = /-?\d+(?:\.\d+)?(?:e[-+]\d+)?/g;

/** Of a number that is no whole one: sums in float32 depend on the processor's vectors, and so does the last digit shown. */
function tolerance(word) {
  const decimals = /\.(\d+)$/.exec(word)?.[1].length ?? 0;
  return decimals === 0 ? 0 : Math.max(1e-4 * Math.abs(Number(word)), decimals <= 4 ? 1.01 * 10 ** -decimals : 0);
}

/** How a printed text differs from the expected one, or `undefined`. */
export function difference(printed, expected) {
  const words = (text) => text.trimEnd().replace(number, "0");
  const numbers = (text) => text.trimEnd().match(number) ?? [];
  const got = numbers(printed);
  const same =
    words(printed) === words(expected) &&
    numbers(expected).every((word, i) => Math.abs(Number(got[i]) - Number(word)) <= tolerance(word));
  return same ? undefined : `expected\n${expected}got\n${printed}`;
}
