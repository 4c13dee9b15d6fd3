import { describeUnless } from "test-support";
import { expect, it } from "vitest";
import { tryLayer, whyNot } from "./layers.js";
import { avx512, runSanitized, whyNoSanitizer } from "./sanitized-program.js";

// AMX itself is tested like every instruction set where a processor has it. Here the same kernels run on its instructions in plain C++.
const missing = whyNoSanitizer ?? whyNot(tryLayer("native", { instructionSet: "avx512" }));

describeUnless(missing, "AMX, emulated", () => {
  it("products by tiles are the sums of products of rounded operands, without an access outside a buffer", () => {
    const output = runSanitized("tiles", [...avx512, "-mamx-tile", "-mamx-bf16"], ["test/amx-test.cc"]);
    expect(output).toMatch(/^\d+ products by tiles are right\n$/);
  }, 300_000);
});
