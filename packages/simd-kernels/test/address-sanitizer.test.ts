import { describeUnless } from "test-support";
import { expect, it } from "vitest";
import { tryLayer } from "./layers.js";
import { avx512, runSanitized, whyNoSanitizer } from "./sanitized-program.js";

const best = tryLayer("native");
// The best instruction set of this processor and the baseline of the compiler, whose tiles differ in size.
const builds: readonly (readonly [string, readonly string[]])[] = [
  ["baseline", []],
  ...(typeof best !== "string" && best.instructionSet === "avx2" ? [["avx2", ["-mavx2", "-mfma"]] as const] : []),
  ...(typeof best !== "string" && best.instructionSet === "avx512" ? [["avx512", avx512] as const] : []),
  ...(typeof best !== "string" && best.instructionSet === "avx512bf16"
    ? [["avx512bf16", [...avx512, "-mavx512bf16"]] as const]
    : []),
];

describeUnless(whyNoSanitizer, "address sanitizer", () => {
  it.each(builds)(
    "no kernel reads or writes outside its buffers: %s",
    (name, flags) => {
      expect(runSanitized(name, flags, ["pool.cc", "test/kernels-test.cc"])).toMatch(
        /^\d+ calls, no access outside a buffer\n$/,
      );
    },
    300_000,
  );
});
