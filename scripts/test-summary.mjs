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
  const report = join(dirname(manifest), "node_modules", ".vitest", "results.json");
  if (!existsSync(report)) {
    console.log(`${name}: no test report (its tests did not run)`);
    missing += 1;
    continue;
  }
  const results = JSON.parse(readFileSync(report, "utf8"));
  passed += results.numPassedTests;
  // A file that fails to load has no tests of its own, but is a failure all the same.
  const brokenFiles = results.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  failed += results.numFailedTests + brokenFiles.length;
  skipped += results.numPendingTests + results.numTodoTests;
  console.log(`${name}: ${results.numPassedTests} passed, ${results.numFailedTests} failed`);
  for (const test of results.testResults.flatMap((file) => file.assertionResults)) {
    if (test.status === "failed") console.log(`  FAILED ${test.fullName}`);
    else if (test.status !== "passed") console.log(`  skipped: ${test.fullName}`);
  }
}

console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed > 0 || missing > 0 ? 1 : 0);

function findManifests() {
  return ["packages", "apps"]
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name, "package.json")))
    .filter((path) => existsSync(path))
    .sort();
}
