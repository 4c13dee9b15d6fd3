// Adds up what vitest reported in every package and prints it as one line, `N passed, N failed, N skipped`.
// Exits with 1 when a test failed or when a package with tests left no report.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

let passed = 0;
let failed = 0;
let skipped = 0;
let missing = 0;

for (const manifest of findManifests()) {
  const { name, scripts } = JSON.parse(readFileSync(manifest, "utf8"));
  if (!scripts?.test) continue;
  const folder = join(dirname(manifest), "node_modules", ".vitest");
  const report = join(folder, "results.json");
  if (!existsSync(report)) {
    console.log(`${name}: no test report (its tests did not run)`);
    missing += 1;
    continue;
  }
  addReport(name, report);
  // What `test-backends.mjs` ran again, on another backend.
  for (const file of readdirSync(folder)) {
    const backend = /^results-(.+)\.json$/.exec(file)?.[1];
    if (backend !== undefined) addReport(`${name} on ${backend}`, join(folder, file), { skips: false });
  }
}

console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed > 0 || missing > 0 ? 1 : 0);

function addReport(title, report, { skips = true } = {}) {
  const results = JSON.parse(readFileSync(report, "utf8"));
  // A file that fails to load, or to set up, has no failed test of its own, but is a failure all the same.
  const brokenFiles = results.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some(({ status }) => status === "failed"),
  );
  passed += results.numPassedTests;
  failed += results.numFailedTests + brokenFiles.length;
  if (skips) skipped += results.numPendingTests + results.numTodoTests;
  console.log(`${title}: ${results.numPassedTests} passed, ${results.numFailedTests + brokenFiles.length} failed`);
  for (const test of results.testResults.flatMap((file) => file.assertionResults)) {
    if (test.status === "failed") console.log(`  FAILED ${test.fullName}`);
    else if (skips && test.status !== "passed") console.log(`  skipped: ${test.fullName}`);
  }
}

function findManifests() {
  return ["packages", "apps"]
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name, "package.json")))
    .filter((path) => existsSync(path))
    .sort();
}
