import { execFileSync } from "node:child_process";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..", "..", "..");

/** What a module of the repository's own scripts makes of an expression, which sees its exports as `it`. */
export function evaluate<T>(module: string, expression: string): T {
  const code = `const it = await import(${JSON.stringify(join(root, module))}); console.log(JSON.stringify(${expression}));`;
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" }));
}
