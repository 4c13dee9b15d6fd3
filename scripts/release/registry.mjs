// A registry on this machine: holds our packages and hands the others on.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { root } from "./packages.mjs";

/** Where the registry's program is kept for the next time: none of this repository's dependencies, as few need it. */
const program = join(root, "node_modules", ".cache", "verdaccio");

/** A package of it asks for a tag of node-fetch that not every registry has. */
const manifest = { private: true, dependencies: { verdaccio: "6.1.6" }, overrides: { "node-fetch": "2.7.0" } };

/**
 * Starts an empty registry on a free port of the loopback.
 * @param {object} options
 * @param {string} options.folder for its files and its log
 * @param {string[]} options.own names that it never asks another registry for
 * @param {string} options.upstream registry of all other packages
 * @returns its address, the `.npmrc` with which npm and pnpm use it in a folder, and `stop`
 */
export async function startRegistry({ folder, own, upstream }) {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const rules = { access: "$all", publish: "$all", unpublish: "$all" };
  const config = {
    storage: join(folder, "storage"),
    auth: { htpasswd: { file: join(folder, "htpasswd"), max_users: -1 } },
    uplinks: { upstream: { url: upstream, timeout: "60s", maxage: "1d" } },
    packages: { ...Object.fromEntries(own.map((name) => [name, rules])), "**": { access: "$all", proxy: "upstream" } },
    log: { type: "stdout", format: "pretty", level: "warn" },
    max_body_size: "50mb",
  };
  writeFileSync(join(folder, "config.yaml"), JSON.stringify(config)); // JSON is YAML
  const log = openSync(join(folder, "registry.log"), "w");
  const binary = join(program, "node_modules", "verdaccio", "bin", "verdaccio");
  if (!existsSync(binary)) {
    mkdirSync(program, { recursive: true });
    writeFileSync(join(program, "package.json"), JSON.stringify(manifest));
    execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: program, stdio: "ignore" });
  }
  const listen = ["--config", join(folder, "config.yaml"), "--listen", `127.0.0.1:${port}`];
  const server = spawn(process.execPath, [binary, ...listen], { stdio: ["ignore", log, log] });
  const url = `http://127.0.0.1:${port}/`;
  const stop = () => server.kill();
  process.on("exit", stop);
  for (let attempt = 0; ; attempt++) {
    if (
      await fetch(`${url}-/ping`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
    if (attempt === 300 || server.exitCode !== null)
      throw new Error(`the registry does not start; see ${folder}/registry.log`);
    await wait(500);
  }
  // npm and pnpm publish with a token only; this registry takes any.
  const npmrc = `registry=${url}\n//127.0.0.1:${port}/:_authToken=nobody\naudit=false\nfund=false\nupdate-notifier=false\n`;
  return { url, npmrc, stop };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
