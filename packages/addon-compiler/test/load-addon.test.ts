import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describeUnless, temporaryFolder } from "test-support";
import { describe, expect, it } from "vitest";
import { libcOf, loadAddon, type Machine, platformName, thisMachine } from "../src/load-addon.mjs";

const folder = temporaryFolder("load-addon");
const linux = (arch: string, libc: "glibc" | "musl"): Machine => ({ platform: "linux", arch, libc });

describe("platformName", () => {
  it.each<[Machine, string]>([
    [linux("x64", "glibc"), "linux-x64"],
    [linux("arm64", "glibc"), "linux-arm64"],
    [linux("x64", "musl"), "linux-x64-musl"],
    [linux("arm64", "musl"), "linux-arm64-musl"],
    [{ platform: "darwin", arch: "arm64" }, "darwin-arm64"],
    [{ platform: "darwin", arch: "x64" }, "darwin-x64"],
    [{ platform: "win32", arch: "x64" }, "win32-x64"],
    [linux("riscv64", "glibc"), "linux-riscv64"],
  ])("of %o is %s", (machine, name) => {
    expect(platformName(machine)).toBe(name);
  });
});

describe("libcOf", () => {
  /** A 64-bit ELF file of two segments, the second of which names the loader. */
  function elf(loader: string, type = 3): Buffer {
    const [header, segment, at] = [64, 56, 64 + 2 * 56];
    const bytes = Buffer.alloc(at + loader.length + 1);
    bytes.write("\x7fELF\x02\x01\x01", "latin1");
    bytes.writeBigUInt64LE(BigInt(header), 32);
    bytes.writeUInt16LE(segment, 54);
    bytes.writeUInt16LE(2, 56);
    bytes.writeUInt32LE(6, header);
    bytes.writeUInt32LE(type, header + segment);
    bytes.writeBigUInt64LE(BigInt(at), header + segment + 8);
    bytes.writeBigUInt64LE(BigInt(loader.length + 1), header + segment + 32);
    bytes.write(loader, at, "latin1");
    return bytes;
  }
  const write = (name: string, bytes: string | Buffer) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };

  it.each<[string, string]>([
    ["/lib/ld-musl-x86_64.so.1", "musl"],
    ["/lib/ld-musl-aarch64.so.1", "musl"],
    ["/lib64/ld-linux-x86-64.so.2", "glibc"],
    ["/nix/store/0-glibc/lib/ld-linux-x86-64.so.2", "glibc"],
  ])("of a program whose loader is %s is %s", (loader, libc) => {
    expect(libcOf(write("program", elf(loader)))).toBe(libc);
  });

  it("is glibc for what names no loader, is cut off, is no program or is not there", () => {
    const program = elf("/lib/ld-musl-x86_64.so.1");
    expect(libcOf(write("static", elf("/lib/ld-musl-x86_64.so.1", 1)))).toBe("glibc");
    for (const length of [0, 20, 64, 130]) expect(libcOf(write("cut", program.subarray(0, length)))).toBe("glibc");
    expect(libcOf(write("script", "#!/usr/bin/env ld-musl-\n".repeat(20)))).toBe("glibc");
    expect(libcOf(join(folder, "nothing"))).toBe("glibc");
  });

  const elsewhere = process.platform === "linux" ? undefined : `this is ${process.platform}, not linux`;
  describeUnless(elsewhere, "of Node", () => {
    it("is what its report says", () => {
      const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
      expect(thisMachine().libc).toBe(header.glibcVersionRuntime ? "glibc" : "musl");
    });
  });
});

describe("loadAddon", () => {
  let places = 0;

  /** An installed package `kernels` 1.2.3, with files beside; `load` of its code, and the addon that it finds. */
  function installed(files: Record<string, string>, machine: Machine = linux("arm64", "glibc")): unknown {
    const place = join(folder, `place-${places++}`);
    const own = join(place, "node_modules", "kernels");
    const optionalDependencies = Object.fromEntries(all.map((platform) => [`kernels-${platform}`, "1.2.3"]));
    const manifest = JSON.stringify({ name: "kernels", version: "1.2.3", optionalDependencies });
    for (const [name, text] of Object.entries({ "node_modules/kernels/package.json": manifest, ...files })) {
      mkdirSync(dirname(join(place, name)), { recursive: true });
      writeFileSync(join(place, name), text);
    }
    mkdirSync(join(own, "dist"), { recursive: true });
    const from = join(own, "dist", "index.js");
    const whyMissing = (file: string) => `${file} is not in the package`;
    return loadAddon({ name: "kernels", from, folder: join(own, "dist"), whyMissing, machine });
  }
  const beside = (platform: string, version = "1.2.3", code = `module.exports = "${platform}";`) => ({
    [`node_modules/kernels-${platform}/package.json`]: JSON.stringify({ version, main: "addon.js" }),
    [`node_modules/kernels-${platform}/addon.js`]: code,
  });
  const all = ["linux-x64", "linux-arm64", "linux-x64-musl", "linux-arm64-musl", "darwin-arm64", "win32-x64"];
  const allBeside = Object.assign({}, ...all.map((platform) => beside(platform)));

  it.each<[string, Machine]>([
    ["linux-arm64", linux("arm64", "glibc")],
    ["linux-x64-musl", linux("x64", "musl")],
    ["linux-arm64-musl", linux("arm64", "musl")],
    ["darwin-arm64", { platform: "darwin", arch: "arm64" }],
    ["win32-x64", { platform: "win32", arch: "x64" }],
  ])("takes the package for %s out of many", (platform, machine) => {
    expect(installed(allBeside, machine)).toBe(platform);
  });

  it("takes the package's own build first", () => {
    const place = join(folder, "own");
    mkdirSync(place);
    writeFileSync(join(place, "kernels-linux-x64.node"), "");
    const asked: string[] = [];
    const load = (path: string) => asked.push(path);
    const rest = { machine: linux("x64", "glibc"), whyMissing: String, load };
    loadAddon({ name: "kernels", from: place, folder: place, ...rest });
    expect(asked).toEqual([join(place, "kernels-linux-x64.node")]);
  });

  it("takes the package for the platform where its own build does not load", () => {
    const broken = { "node_modules/kernels/dist/kernels-linux-arm64.node": "not an addon" };
    expect(installed({ ...broken, ...beside("linux-arm64") })).toBe("linux-arm64");
  });

  it("does not take the build for glibc on musl", () => {
    const other = { "node_modules/kernels/dist/kernels-linux-x64.node": "not an addon" };
    expect(() => installed(other, linux("x64", "musl"))).toThrow(
      "not built: kernels-linux-x64-musl.node is not in the package; the package kernels-linux-x64-musl is not installed",
    );
  });

  it("asks for no package that the manifest does not name", () => {
    expect(() => installed(beside("linux-riscv64"), linux("riscv64", "glibc"))).toThrow(
      "not built: kernels-linux-riscv64.node is not in the package; no package holds one for linux-riscv64",
    );
  });

  it("says what is wrong with another version, and with one that does not load", () => {
    const missing = "not built: kernels-linux-arm64.node is not in the package; ";
    expect(() => installed(beside("linux-arm64", "1.2.4"))).toThrow(
      `${missing}the package kernels-linux-arm64 is version 1.2.4, not 1.2.3`,
    );
    const throws = "throw new Error('invalid ELF header\\nmore')";
    expect(() => installed(beside("linux-arm64", "1.2.3", throws))).toThrow(`${missing}invalid ELF header`);
    const empty = { "node_modules/kernels-linux-arm64/package.json": "{" };
    expect(() => installed(empty)).toThrow(`${missing}the package kernels-linux-arm64 is not installed`);
  });
});
