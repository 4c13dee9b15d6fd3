import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeUnless, findExample, itUnless } from "test-support";
import { expect, it } from "vitest";
import { launch, launchers, packageFolder } from "./launchers.js";

const machine = `${process.platform}-${process.arch}`;
const elsewhere = machine === "linux-x64" ? undefined : `this is ${machine}, not linux-x64`;

describeUnless(elsewhere, "the published package", () => {
  it("holds the code and the addon for linux-x64", () => {
    const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
    const [packed] = JSON.parse(execFileSync("npm", args, { cwd: packageFolder, encoding: "utf8", stdio: "pipe" }));
    const names: string[] = packed.files.map((file: { path: string }) => file.path);
    const built = ["index.js", "index.cjs", "index.d.ts", "index.d.cts", `mpi-collectives-${machine}.node`];
    expect(names).toEqual(expect.arrayContaining(built.map((name) => `dist/${name}`)));
  });

  it("passes its release check: nothing missing, no newer libc than Node's own, stripped", () => {
    const program = join(packageFolder, "..", "..", "scripts", "release", "check-addon.mjs");
    const args = [program, join(packageFolder, "dist"), `mpi-collectives-${machine}.node`];
    const check = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(check).toMatchObject({ status: 0, stderr: "" });
  });
});

const { code, output } = findExample(readFileSync(join(packageFolder, "README.md"), "utf8"));
const program = ["--input-type=module", "-e", code];

const launcher = launchers.find(({ missing }) => missing === undefined) ?? launchers[0];
itUnless(launcher.missing, "the README's example adds over four ranks", async () => {
  const { stdout, stderr } = await launch(launcher, 4, program);
  expect(stdout, stderr).toBe("4 ranks: 10 2\n");
});

it("the README's example prints what the README says", () => {
  const printed = execFileSync(process.execPath, program, { cwd: packageFolder, encoding: "utf8" });
  expect(printed).toBe(output);
});
