// `pnpm test:backends [--quick] [name ...]`: runs the detector's goldens, a training step of the command, and the
// playground's frame, on the backends that most machines lack or are slow on. Prints a line for each, passed or skipped and why.
//   default names: tensorflow webgpu cpu; --quick: tensorflow webgpu, and of each what takes half a minute on a CPU
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { prepareTensorflow } from "./prepare-tensorflow.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values, positionals } = parseArgs({
  options: { quick: { type: "boolean", default: false } },
  allowPositionals: true,
});
const names = positionals.length > 0 ? positionals : ["tensorflow", "webgpu", ...(values.quick ? [] : ["cpu"])];

/** Test files for a backend, by package. */
const SUITES = [
  { folder: "packages/second-detector", filter: (name) => `test/golden-${name}.test.ts` },
  { folder: "apps/train", filter: () => "test/other-backends.test.ts", only: ["tensorflow", "webgpu"] },
  { folder: "apps/playground", filter: () => "test/graphics.test.ts", only: ["webgpu"] },
];

let failed = false;
for (const name of names) {
  const { reason, environment, description } = setUp(name);
  if (reason !== undefined) {
    console.log(`${name}: skipped: ${reason}`);
    continue;
  }
  const started = performance.now();
  const counts = SUITES.filter(({ only }) => only?.includes(name) ?? true).map((suite) =>
    runSuite(suite, name, environment),
  );
  const [passed, broken] = ["passed", "failed"].map((key) => counts.reduce((sum, count) => sum + count[key], 0));
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`${name}: ${passed} passed, ${broken} failed (${description}, ${seconds} s)`);
  failed ||= broken > 0 || passed === 0;
}
process.exit(failed ? 1 : 0);

/** What the tests need to run on a backend, or the reason why they cannot. */
function setUp(name) {
  let environment = {};
  let found = probe(name, environment);
  if (found.reason !== undefined && name === "tensorflow" && process.env.ELOSS_TENSORFLOW === undefined) {
    try {
      environment = { ELOSS_TENSORFLOW: prepareTensorflow() };
    } catch (error) {
      return { reason: error.message };
    }
    found = probe(name, environment);
  }
  return { ...found, environment };
}

/** Starts the backend in a process of its own. */
function probe(name, environment) {
  const script = `
    const { useBackend } = await import("./dist/index.js");
    try {
      const { description } = await useBackend("${name}", { tensorflow: process.env.ELOSS_TENSORFLOW });
      console.log(JSON.stringify({ description }));
    } catch (error) {
      console.log(JSON.stringify({ reason: error.message.split("\\n")[0] }));
    }`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: join(root, "packages", "open-backend"),
    env: { ...process.env, ...environment },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 60_000,
  });
  const line = stdout.trim().split("\n").at(-1);
  return line.startsWith("{") ? JSON.parse(line) : { reason: "it ended without a word when it was started" };
}

/** Runs test files and leaves the report where `test-summary.mjs` looks for it. */
function runSuite({ folder, filter }, name, environment) {
  const report = join(root, folder, "node_modules", ".vitest", `results-${name}.json`);
  rmSync(report, { force: true });
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(root, "node_modules", "vitest", "vitest.mjs"),
      ...["run", "--config", "../../vitest.config.ts", filter(name), "--testTimeout", "1200000"],
    ],
    {
      cwd: join(root, folder),
      env: {
        ...process.env,
        ...environment,
        TEST_REPORT: report,
        ELOSS_TEST_BACKENDS: name,
        ELOSS_TEST_QUICK: values.quick ? "1" : "",
      },
      encoding: "utf8",
      timeout: 3_600_000,
    },
  );
  if (!existsSync(report)) {
    // Not to have run is a failure too, and has to show in the sum.
    mkdirSync(dirname(report), { recursive: true });
    writeFileSync(report, JSON.stringify({ numPassedTests: 0, numFailedTests: 1, testResults: [] }));
  }
  const { numPassedTests: passed, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
  if (numFailedTests > 0 || passed === 0) console.log(`${stdout}${stderr}`);
  return { passed, failed: numFailedTests };
}
