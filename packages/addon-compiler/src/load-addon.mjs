// What addons are loaded with, bundled into the packages that have one: this package's own build, else the package for the platform.
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** The machine and, for Linux, the C library that this program was linked with. */
export function thisMachine() {
  const { platform, arch, execPath } = process;
  return { platform, arch, libc: platform === "linux" ? libcOf(execPath) : undefined };
}

/** The machine as files and packages are named for it: `linux-x64`, `linux-arm64-musl`, `darwin-arm64`, `win32-x64`. */
export function platformName({ platform, arch, libc } = thisMachine()) {
  return `${platform}-${arch}${libc === "musl" ? "-musl" : ""}`;
}

/**
 * Which C library a 64-bit program of Linux asks for, by the loader that its header names: `/lib/ld-musl-…`. The header alone
 * is certain: files in /etc or /lib say what is installed, not what runs, and a process report may look up names of hosts.
 * @returns "glibc" where there is no such header
 */
export function libcOf(executable) {
  let file;
  try {
    file = openSync(executable, "r");
    const read = (length, position) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, position));
    };
    const header = read(64, 0);
    const [at, size, count] = [header.readBigUInt64LE(32), header.readUInt16LE(54), header.readUInt16LE(56)];
    for (let i = 0; i < count; i++) {
      const segment = read(size, Number(at) + i * size);
      const interpreter = 3;
      if (segment.readUInt32LE(0) !== interpreter) continue;
      const name = read(Number(segment.readBigUInt64LE(32)), Number(segment.readBigUInt64LE(8)));
      return name.includes("/ld-musl-") ? "musl" : "glibc";
    }
  } catch {
    // not such a file, or not to be read
  } finally {
    if (file !== undefined) closeSync(file);
  }
  return "glibc";
}

/**
 * The addon of the package `name`: `NAME-PLATFORM.node` in `folder`, else what the package `NAME-PLATFORM` exports, if it is the
 * version that the manifest asks for: operations of an addon are known by numbers, so one of another version is as good as none.
 * @throws Error that says why neither could be loaded
 */
export function loadAddon({ name, from, folder, whyMissing, machine, load = createRequire(from) }) {
  const platform = platformName(machine);
  const beside = `${name}-${platform}`;
  const file = `${beside}.node`;
  const ways = [
    () => {
      if (!existsSync(join(folder, file))) throw new Error(`not built: ${whyMissing(file)}`);
      return load(join(folder, file));
    },
    () => {
      const wanted = load(`${name}/package.json`).optionalDependencies?.[beside];
      if (wanted === undefined) throw new Error(`no package holds one for ${platform}`);
      const version = attempt(() => load(`${beside}/package.json`).version);
      if (version === undefined) throw new Error(`the package ${beside} is not installed`);
      if (version !== wanted) throw new Error(`the package ${beside} is version ${version}, not ${wanted}`);
      return load(beside);
    },
  ];
  const reasons = [];
  for (const way of ways) {
    try {
      return way();
    } catch (error) {
      reasons.push(String(error?.message ?? error).split("\n")[0]);
    }
  }
  throw new Error(reasons.join("; "));
}

function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
