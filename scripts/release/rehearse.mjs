// `pnpm rehearse [--only NAME ...] [--managers npm,pnpm] [--kinds mjs,cjs,types] [--platforms NAME,...|none] [--keep]`: the
// publication, without the world. The addons of all platforms take minutes to compile: --platforms makes it those alone.
// Versions a scratch copy, publishes it to a registry on this machine, and does in empty folders what every README says: installs by
// plain name, runs the example as .mjs, .cjs and strict TypeScript, and compares what it prints. Needs a built tree. With --only,
// the others are published as far as those need them.
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { platformNamed, platforms } from "../../packages/addon-compiler/src/platforms.mjs";
import { collapseChangesets } from "./first-release.mjs";
import { pnpm, publishedPackages, readJson, root } from "./packages.mjs";
import { platformPackages } from "./platform-packages.mjs";
import { publishMissing } from "./publish-platforms.mjs";
import { asCommonJs, difference, readReadme } from "./readme.mjs";
import { startRegistry } from "./registry.mjs";
import { stampAll } from "./stamp-manifests.mjs";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    managers: { type: "string", default: "npm,pnpm" },
    kinds: { type: "string", default: "mjs,cjs,types" },
    platforms: { type: "string" },
    keep: { type: "boolean", default: false },
  },
});
// `npx -p node@24 node scripts/…` leaves its package in the environment, and an npx that is started here would take it.
delete process.env.npm_config_package;
const managers = values.managers.split(",");
const kinds = values.kinds.split(",");
const wanted =
  values.platforms === "none"
    ? []
    : (values.platforms?.split(",").map(platformNamed) ?? platforms).map(({ name }) => name);
const work = mkdtempSync(join(tmpdir(), "rehearse-"));
const scratch = join(work, "workspace");
const changesets = join(root, "node_modules", "@changesets", "cli", "bin.js");
const upstream = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim();
const own = publishedPackages();
const tried = own.filter(({ manifest }) => values.only?.includes(manifest.name) ?? true);
const needed = withNeeds(tried.map(({ manifest }) => manifest.name));
const byPlatform = platformPackages();
const names = [...own.map(({ manifest }) => manifest.name), ...byPlatform.map(({ name }) => name)];
let failed = 0;

await step("names", checkNames);
await step("versions", versionScratchCopy);
const registry = await startRegistry({ folder: join(work, "registry"), own: names, upstream });
const environment = { ...process.env, npm_config_registry: registry.url };
await step("platforms", publishPlatforms);
await step("publish", publish);
await step("choice", tryChoice);
for (const { folder, manifest } of tried) {
  for (const manager of managers)
    await step(`${manifest.name} by ${manager}`, () => tryPackage(folder, manifest, manager));
}
registry.stop();
if (values.keep || failed > 0) console.log(`kept: ${work}`);
else rmSync(work, { recursive: true });
console.log(failed === 0 ? "rehearsed: all is well" : `rehearsed: ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

/** Runs a step, says how long it took and what it found. What later steps stand on ends all. */
async function step(title, action) {
  const started = performance.now();
  try {
    const said = await action();
    console.log(`${title}: ${said ?? "ok"} (${Math.round((performance.now() - started) / 1000)} s)`);
  } catch (error) {
    console.log(`${title}: FAILED: ${error.message}`);
    failed += 1;
    if (!title.includes(" by ")) {
      console.log(`kept: ${work}`);
      process.exit(1);
    }
  }
}

/** Names of those of ours that packages install, by README or manifest, along with themselves. */
function withNeeds(names) {
  const found = new Set(names);
  // Goes on to what is added meanwhile.
  for (const name of found) {
    const { folder, manifest } = own.find((each) => each.manifest.name === name);
    const asked = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    for (const each of [...asked, ...exampleOf(folder).names]) {
      if (own.some(({ manifest }) => manifest.name === each)) found.add(each);
    }
  }
  return found;
}

function exampleOf(folder) {
  return readReadme(readFileSync(join(root, folder, "README.md"), "utf8"));
}

/** A name that somebody else has would stop the release halfway. */
async function checkNames() {
  const address = readJson(join(root, "package.json")).repository.url;
  const taken = [];
  for (const name of names) {
    const answer = await fetch(`${upstream.replace(/\/$/, "")}/${name}`);
    if (answer.status === 404) continue;
    if (!answer.ok) throw new Error(`${upstream} answers ${answer.status} about ${name}`);
    const { repository } = await answer.json();
    if (repository?.url !== address) taken.push(name);
  }
  if (taken.length > 0) throw new Error(`taken by somebody else on ${upstream}: ${taken.join(", ")}`);
  const origin = spawnSync("git", ["remote", "get-url", "origin"], { cwd: root, encoding: "utf8" }).stdout.trim();
  const same = (url) => url.replace(/^.*github\.com[:/]/, "").replace(/\.git$/, "");
  if (origin.includes("github.com") && same(origin) !== same(address)) {
    throw new Error(`package.json says ${address}, but this is ${origin}: mend \`repository\` and run \`pnpm stamp\``);
  }
  return `${names.length} packages, no name is somebody else's`;
}

/** The working tree with what is built, versioned as a release would be. */
function versionScratchCopy() {
  const list = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const file of list.split("\0").filter((file) => file !== "" && existsSync(join(root, file)))) {
    cpSync(join(root, file), join(scratch, file));
  }
  for (const { folder, manifest } of own) {
    if (!needed.has(manifest.name)) continue;
    if (!existsSync(join(root, folder, "dist"))) throw new Error(`${folder} is not built: run \`pnpm build\` first`);
    cpSync(join(root, folder, "dist"), join(scratch, folder, "dist"), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(scratch, "node_modules"));
  const git = (...args) =>
    execFileSync("git", ["-c", "user.name=rehearsal", "-c", "user.email=rehearsal@localhost", ...args], {
      cwd: scratch,
    });
  git("init", "--quiet", "--initial-branch=main");
  git("add", "--all");
  git("commit", "--quiet", "--message=rehearsal");
  if (own.every(({ manifest }) => manifest.version === "0.0.0")) collapseChangesets(scratch);
  run(process.execPath, [changesets, "version"], scratch);
  stampAll(scratch);
  for (const { folder, manifest } of publishedPackages(scratch)) {
    if (needed.has(manifest.name)) continue;
    writeFileSync(join(scratch, folder, "package.json"), JSON.stringify({ ...manifest, private: true }));
  }
  return publishedPackages(scratch)
    .map(({ manifest }) => `${manifest.name}@${manifest.version}`)
    .join(" ");
}

/** Of the scratch copy's version, as the release does it, before the packages that name them; and again, as after one that stopped. */
async function publishPlatforms() {
  const all = platformPackages(scratch).filter(({ platform }) => wanted.includes(platform.name));
  const options = { registry: registry.url, to: join(work, "platforms"), npmrc: registry.npmrc };
  const published = await publishMissing(all, options);
  const again = await publishMissing(all, options);
  if (again.length > 0) throw new Error(`published twice: ${again.join(" ")}`);
  return published.join(" ") || "none";
}

/** As the release workflow does it. */
function publish() {
  writeFileSync(join(scratch, ".npmrc"), registry.npmrc);
  const [command, ...args] = pnpm;
  const found = run(command, [...args.slice(0, -1), "-p", args.at(-1), "-c", "command -v pnpm"], root).trim();
  run(process.execPath, [changesets, "publish", "--no-git-tag"], scratch, {
    ...environment,
    PATH: `${dirname(found)}${delimiter}${process.env.PATH}`,
  });
}

/** Each platform gets its own addons and no others; one whose packages are missing gets none, and installs all the same. */
function tryChoice() {
  const all = byPlatform.filter(({ owner }) => needed.has(owner.manifest.name));
  const owners = [...new Set(all.map(({ owner }) => owner.manifest.name))];
  if (owners.length === 0) return "none";
  for (const { name, os, cpu, libc } of platforms) {
    const place = join(work, "choice", name);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "package.json"), "{}\n");
    writeFileSync(join(place, ".npmrc"), registry.npmrc);
    const machine = [`--os=${os}`, `--cpu=${cpu}`, ...(libc ? [`--libc=${libc}`] : [])];
    run("npm", ["install", ...machine, ...owners], place, environment);
    const installed = readdirSync(join(place, "node_modules"));
    const got = all.filter((each) => installed.includes(each.name)).map((each) => each.name);
    const due = all.filter(({ platform }) => platform.name === name && wanted.includes(name)).map((each) => each.name);
    if (`${got}` !== `${due}`)
      throw new Error(`${name} gets ${got.join(", ") || "none"}, not ${due.join(", ") || "none"}`);
  }
  return `${platforms.length} platforms, each its own`;
}

/** What the README says, in an empty folder. */
function tryPackage(folder, { name, exports, bin }, manager) {
  const { names, language, code, output, further } = exampleOf(folder);
  const place = join(work, manager, name);
  mkdirSync(place, { recursive: true });
  // A folder without a manifest inside another project would be part of that. What is a minute old is what is wanted here.
  writeFileSync(join(place, "package.json"), "{}\n");
  writeFileSync(join(place, ".npmrc"), registry.npmrc);
  if (manager === "pnpm") writeFileSync(join(place, "pnpm-workspace.yaml"), "minimumReleaseAge: 0\n");
  const started = performance.now();
  const install = manager === "npm" ? ["npm", "install"] : [...pnpm, "add"];
  run(install[0], [...install.slice(1), ...names], place, environment);
  const said = [`installed in ${seconds(started)} s`];
  if (language === "sh") {
    const ran = performance.now();
    const shell = manager === "npm" ? code : code.replace(/^npx /gm, `${pnpm.join(" ")} exec `);
    compare(run("sh", ["-ec", shell], place, environment));
    return [...said, `commands in ${seconds(ran)} s`].join(", ");
  }
  for (const kind of kinds) {
    const ran = performance.now();
    if (kind === "types") for (const each of [code, ...further]) checkTypes(place, each);
    else if (kind === "mjs" || exports["."].require !== undefined) {
      // Each in a folder of its own: what an example writes is new to the next.
      const empty = join(place, kind);
      mkdirSync(empty);
      writeFileSync(join(empty, `example.${kind}`), kind === "cjs" ? asCommonJs(code) : code);
      compare(run(process.execPath, [`example.${kind}`], empty));
    } else continue;
    said.push(`${kind} in ${seconds(ran)} s`);
  }
  for (const command of Object.keys(bin ?? {})) run("npx", ["--no-install", command, "--help"], place, environment);
  return said.join(", ");

  function compare(printed) {
    const differs = difference(printed, output);
    if (differs !== undefined) throw new Error(differs);
  }
}

/** The example as strict TypeScript, by each way of resolving modules. */
function checkTypes(place, code) {
  writeFileSync(join(place, "example.mts"), code);
  for (const [module, moduleResolution] of [
    ["nodenext", "nodenext"],
    ["node16", "node16"],
    ["esnext", "bundler"],
  ]) {
    const compilerOptions = {
      ...{ module, moduleResolution, target: "es2022", strict: true, noEmit: true, skipLibCheck: true },
      ...{ typeRoots: [join(root, "node_modules/@types")], types: ["node"] },
    };
    writeFileSync(join(place, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["example.mts"] }));
    run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "--project", place], place);
  }
}

/** What a command prints. @throws Error with all that it said if it fails */
function run(command, args, cwd, env = process.env) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env,
    encoding: "utf8",
    timeout: 600_000,
    maxBuffer: 1e8,
  });
  if (status !== 0) {
    throw new Error(
      `\`${[command, ...args].join(" ").slice(0, 200)}\`: ${error?.message ?? `status ${status}`}\n${stdout}${stderr}`,
    );
  }
  return stdout;
}

function seconds(since) {
  return ((performance.now() - since) / 1000).toFixed(1);
}
