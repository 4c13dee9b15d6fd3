import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "test-support";
import { expect, it } from "vitest";
import { evaluate } from "./evaluate.js";

const folder = temporaryFolder("addon-faults");

/** By system and processor: where a header says so, and what. */
const headers: Record<string, readonly (readonly [at: number, bytes: string])[]> = {
  "linux-x64": [
    [0, "7f454c46020101"],
    [16, "03003e00"],
  ],
  "linux-arm64": [
    [0, "7f454c46020101"],
    [16, "0300b700"],
  ],
  "darwin-x64": [[0, "cffaedfe07000001"]],
  "darwin-arm64": [[0, "cffaedfe0c000001"]],
  "win32-x64": [
    [0, "4d5a"],
    [0x3c, "40000000"],
    [0x40, "504500006486"],
  ],
  text: [[0, "6e6f206164646f6e"]],
};

/** A file of that header and those names. */
function fileOf([header, names]: Case): Buffer {
  const start = Buffer.alloc(0x80);
  for (const [at, bytes] of headers[header]) start.write(bytes, at, "hex");
  return Buffer.concat([start, Buffer.from(`\0${names.join("\0")}\0`)]);
}

type Case = readonly [header: string, names: readonly string[], platform: string, faults: readonly string[]];

const entry = "napi_register_module_v1";
const cases: readonly Case[] = [
  ["linux-x64", [entry, "libc.so.6", "libpthread.so.0", "GLIBC_2.2.5", "GLIBC_2.28"], "linux-x64", []],
  ["linux-arm64", [entry, "libc.so.6", "ld-linux-aarch64.so.1", "GLIBC_2.17"], "linux-arm64", []],
  ["linux-arm64", [entry, "libc.so"], "linux-arm64-musl", []],
  ["darwin-arm64", [entry, "/usr/lib/libSystem.B.dylib"], "darwin-arm64", []],
  ["darwin-x64", [entry, "/usr/lib/libSystem.B.dylib"], "darwin-x64", []],
  ["win32-x64", [entry, "KERNEL32.dll", "msvcrt.dll"], "win32-x64", []],
  ["linux-arm64", [entry], "linux-x64", ["is for linux-arm64, not linux-x64"]],
  ["win32-x64", [entry], "darwin-x64", ["is for win32-x64, not darwin-x64"]],
  ["text", [entry], "linux-x64", ["is for no system that is known, not linux-x64"]],
  ["linux-x64", ["main", "libc.so.6"], "linux-x64", [`exports no ${entry}`]],
  ["linux-x64", [entry, "libstdc++.so.6"], "linux-x64", ["asks for libstdc++.so.6"]],
  ["linux-x64", [entry, "libc.so.6", "GLIBC_2.34"], "linux-x64", ["asks for GLIBC_2.34, newer than 2.28"]],
  ["linux-x64", [entry, "libc.so.6", "GLIBC_2.17"], "linux-x64-musl", ["asks for libc.so.6", "asks for GLIBC_2.17"]],
  ["linux-x64", [entry, "libc.so"], "linux-x64", ["asks for libc.so"]],
  ["linux-x64", [entry, ".symtab"], "linux-x64", ["is not stripped"]],
  ["darwin-arm64", [entry, "/usr/lib/libc++.1.dylib"], "darwin-arm64", ["asks for /usr/lib/libc++.1.dylib"]],
  ["win32-x64", [entry, "node.exe"], "win32-x64", ["asks for node.exe"]],
];

const platforms = evaluate<{ name: string }[]>("packages/addon-compiler/src/platforms.mjs", "it.platforms");
const calls = cases.map((each, i) => {
  const path = join(folder, `${i}.node`);
  writeFileSync(path, fileOf(each));
  const platform = platforms.find(({ name }) => name === each[2]);
  return `it.addonFaults(${JSON.stringify(path)}, ${JSON.stringify(platform)})`;
});
const said = evaluate<string[][]>("scripts/release/addon-faults.mjs", `[${calls.join(", ")}]`);

it.each(cases.map((each, i) => [...each, said[i]] as const))(
  "%s with %o, meant for %s: %o",
  (_, __, ___, faults, found) => {
    expect(found).toEqual(faults);
  },
);
