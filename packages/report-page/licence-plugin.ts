import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, parse } from "node:path";
import type { Options } from "tsup";

/** Writes beside each bundled script, as `NAME.licences.txt`, the licences of the packages whose code is in it. */
export const licencePlugin: NonNullable<Options["esbuildPlugins"]>[number] = {
  name: "licences",
  setup(build) {
    build.initialOptions.metafile = true;
    build.onEnd(({ metafile }) => {
      for (const [output, { inputs }] of Object.entries(metafile?.outputs ?? {})) {
        const { dir, name, ext } = parse(output);
        if (ext !== ".js") continue;
        const bundled = Object.keys(inputs).filter((input) => inputs[input].bytesInOutput > 0);
        const folders = new Set(bundled.flatMap((input) => packageFolder(input) ?? []));
        mkdirSync(dir, { recursive: true });
        writeFileSync(join(dir, `${name}.licences.txt`), [...folders].sort().map(licenceOf).join("\n\n"));
      }
    });
  },
};

/** The folder of the package that a file belongs to; undefined for our own. */
function packageFolder(path: string): string | undefined {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((each) => /^(licen[cs]e|copying)/i.test(each));
  if (file === undefined) throw new Error(`${folder}: expected a file with the licence of ${name}, got none`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
}
