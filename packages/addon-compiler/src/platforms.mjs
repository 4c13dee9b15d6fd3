// Where addons run: the one list behind cross-compilation, the packages by platform, what manifests name and what CI tries.

/**
 * @typedef {object} Platform
 * @property {string} name as in `simd-kernels-NAME`; `platformName()` of load-addon.mjs gives that of this machine
 * @property {"linux" | "darwin" | "win32"} os as in `process.platform` and the field `os` of manifests
 * @property {"x64" | "arm64"} cpu as in `process.arch` and the field `cpu`
 * @property {"glibc" | "musl"} [libc] as in the field `libc`
 * @property {string} target Zig's name, with the oldest system that Node 20 runs on
 * @property {string} words for a reader
 */

/** @type {readonly Platform[]} */
export const platforms = [
  { name: "linux-x64", os: "linux", cpu: "x64", libc: "glibc", target: "x86_64-linux-gnu.2.28", words: "Linux on x64" },
  {
    ...{ name: "linux-arm64", os: "linux", cpu: "arm64", libc: "glibc" },
    ...{ target: "aarch64-linux-gnu.2.28", words: "Linux on arm64" },
  },
  {
    ...{ name: "linux-x64-musl", os: "linux", cpu: "x64", libc: "musl" },
    ...{ target: "x86_64-linux-musl", words: "Linux with musl (Alpine) on x64" },
  },
  {
    ...{ name: "linux-arm64-musl", os: "linux", cpu: "arm64", libc: "musl" },
    ...{ target: "aarch64-linux-musl", words: "Linux with musl (Alpine) on arm64" },
  },
  { name: "darwin-arm64", os: "darwin", cpu: "arm64", target: "aarch64-macos.11.0", words: "macOS on Apple silicon" },
  { name: "darwin-x64", os: "darwin", cpu: "x64", target: "x86_64-macos.10.15", words: "macOS on Intel" },
  { name: "win32-x64", os: "win32", cpu: "x64", target: "x86_64-windows-gnu", words: "Windows on x64" },
];

/** The one whose addon is packed with the package itself; the others have a package each. */
export const packedWithin = "linux-x64";

/** Packages with an addon, and the systems that it is for. */
const addons = {
  "simd-kernels": ["linux", "darwin", "win32"],
  "mpi-collectives": ["linux", "darwin"],
};

/** Platforms of a package that have a package of their own, `PACKAGE-PLATFORM`; none for a package without an addon. */
export function platformsBeside(packageName) {
  const systems = addons[packageName] ?? [];
  return platforms.filter(({ name, os }) => systems.includes(os) && name !== packedWithin);
}

/**
 * @returns {Platform}
 * @throws Error if there is none of the name
 */
export function platformNamed(name) {
  const found = platforms.find((platform) => platform.name === name);
  if (found) return found;
  throw new Error(`no addon is made for ${name}, only for ${platforms.map((platform) => platform.name).join(", ")}`);
}
