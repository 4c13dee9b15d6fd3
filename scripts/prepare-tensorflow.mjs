// Where a TensorFlow runtime for the backend `tensorflow` is, made from the Python wheel `tensorflow-cpu` if need be.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const shared = process.env.ELOSS_SHARED ?? join(root, "..", "shared");
const cache = join(root, "node_modules", ".cache", "tensorflow");
const MINUTE = 60_000;

/**
 * Builds `@tensorflow/tfjs-node` in node_modules/.cache against the libraries of a wheel: the one that
 * `ELOSS_TENSORFLOW_WHEEL` names, else one that pip downloads. What was built stays there for the next time.
 * @returns {string} folder of the package, for `ELOSS_TENSORFLOW`
 * @throws Error with the reason where it cannot be made on this machine
 */
export function prepareTensorflow() {
  const folder = join(cache, "node_modules", "@tensorflow", "tfjs-node");
  const finished = join(cache, "finished");
  if (existsSync(finished)) return folder;

  const tool = join(shared, "tools", "tfjs-node-from-wheel.sh");
  if (!existsSync(tool)) throw new Error(`no runtime is installed and ${tool} is not there to make one`);
  mkdirSync(cache, { recursive: true });
  const wheel = process.env.ELOSS_TENSORFLOW_WHEEL ?? downloadWheel();
  writeFileSync(join(cache, "package.json"), JSON.stringify({ private: true }));
  run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "@tensorflow/tfjs-node@4.22.0"]);
  run("bash", [tool, cache, wheel]);
  rmSync(join(cache, "wheel"), { recursive: true, force: true });
  writeFileSync(finished, "");
  return folder;
}

function downloadWheel() {
  const folder = join(cache, "wheel");
  run("python3", ["-m", "pip", "download", "--no-deps", "--quiet", "--dest", folder, "tensorflow-cpu==2.21.0"]);
  return join(folder, readdirSync(folder)[0]);
}

function run(command, args) {
  console.error(`tensorflow: ${command} ${args.join(" ")}`);
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: cache,
    encoding: "utf8",
    timeout: 5 * MINUTE,
  });
  if (status === 0) return;
  const said = `${stdout}${stderr}`.trim().split("\n").at(-1);
  throw new Error(`\`${command} ${args.slice(0, 3).join(" ")} ...\` failed: ${error?.message ?? said}`);
}
