// What of a built addon would keep it from loading on the machines that it is for, read from its bytes.
import { readFileSync } from "node:fs";

const newestGlibc = 28; // 2.28: what the official builds of Node 20 ask for

/** The libraries that an addon may ask for, by C library or system: those that every such system has. */
const everywhere = {
  glibc: /^(lib(c|dl|m|pthread)\.so\.\d+|ld-linux-[\w-]+\.so\.\d+)$/,
  musl: /^libc\.so$/,
  darwin: /^\/usr\/lib\/libSystem\.B\.dylib$/,
  win32: /^(KERNEL32|msvcrt)\.dll$/i,
};

/**
 * @param {string} path
 * @param {import("../../packages/addon-compiler/src/platforms.mjs").Platform} platform that it is for
 * @returns {string[]} faults, a sentence each
 */
export function addonFaults(path, { name, os, cpu, libc }) {
  const bytes = readFileSync(path);
  const text = bytes.toString("latin1");
  if (machineOf(bytes) !== `${os}-${cpu}`) return [`is for ${machineOf(bytes)}, not ${name}`];
  const faults = [];
  if (!text.includes("napi_register_module_v1\0")) faults.push("exports no napi_register_module_v1");
  for (const each of librariesIn(text, os)) if (!everywhere[libc ?? os].test(each)) faults.push(`asks for ${each}`);
  for (const [version, minor] of text.matchAll(/GLIBC_2\.(\d+)(?:\.\d+)?(?=\0)/g)) {
    if (libc === "musl") faults.push(`asks for ${version}`);
    else if (Number(minor) > newestGlibc) faults.push(`asks for ${version}, newer than 2.${newestGlibc}`);
  }
  if (text.includes("\0.symtab\0")) faults.push("is not stripped");
  return faults;
}

/** System and processor of an addon by its header: ELF, Mach-O or PE. */
export function machineOf(bytes) {
  if (bytes.subarray(0, 4).equals(Buffer.from("\x7fELF", "latin1"))) {
    return `linux-${{ 62: "x64", 183: "arm64" }[bytes.readUInt16LE(18)]}`;
  }
  if (bytes.readUInt32LE(0) === 0xfeedfacf) {
    return `darwin-${{ 16777223: "x64", 16777228: "arm64" }[bytes.readUInt32LE(4)]}`;
  }
  const header = bytes.toString("latin1", 0, 2) === "MZ" ? bytes.readUInt32LE(0x3c) : -1;
  if (header > 0 && bytes.toString("latin1", header, header + 4) === "PE\0\0") {
    return `win32-${{ 34404: "x64", 43620: "arm64" }[bytes.readUInt16LE(header + 4)]}`;
  }
  return "no system that is known";
}

/** Names that look like libraries, wherever they stand: more than are asked for, at worst. */
function librariesIn(text, os) {
  const names = {
    linux: /(?<=\0)[\w+-]+\.so(\.\d+)*(?=\0)/g,
    darwin: /\/[\w/.+@-]+\.dylib(?=\0)/g,
    win32: /[\w-]+\.(dll|exe)(?=\0)/gi,
  };
  return new Set(text.match(names[os]) ?? []);
}
