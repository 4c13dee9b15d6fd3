import { expect, it } from "vitest";
import { evaluate } from "./evaluate.js";

const index = "packages/addon-compiler/src/index.mjs";

it("declares Node-API as another file's on Windows alone", () => {
  const windows = evaluate<string[]>(index, `(await it.compilerFor(it.platformNamed("win32-x64"))).compile`);
  const linux = evaluate<string[]>(index, `(await it.compilerFor(it.platformNamed("linux-arm64"))).compile`);
  expect(windows).toContain("-DBUILDING_NODE_EXTENSION");
  expect(linux).not.toContain("-DBUILDING_NODE_EXTENSION");
});

it("takes a relocation that would end the program at loading for an error, other warnings not", () => {
  const after = (warning: string) =>
    evaluate<string>(
      index,
      `await it.runCompiler({ command: process.execPath }, ["-e", "console.error('${warning}')"], "").then(() => "fine", String)`,
    );
  const warning = "lld-link: warning: runtime pseudo relocation in addon.o against symbol napi_throw is too narrow";
  expect(after(warning)).toBe(`Error: ${warning}`);
  expect(after("warning: unused variable")).toBe("fine");
});
