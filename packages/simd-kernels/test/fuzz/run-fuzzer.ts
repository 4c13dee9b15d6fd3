// `tsx test/fuzz/run-fuzzer.ts [seed] [seconds]`: fuzzes the kernels and prints what it found, a line of JSON each, then counts.
// Ends with 1 if there was something.
import { fuzzKernels } from "./fuzz-kernels.js";

const [seed = 1, seconds = 10] = process.argv.slice(2).map(Number);
const end = performance.now() + 1000 * seconds;
const counts = fuzzKernels({
  seed,
  until: () => performance.now() > end,
  report: (found) => console.log(JSON.stringify(found)),
});
console.log(
  `${counts.calls} calls from seed ${seed}: ${counts.accepted} accepted, ${counts.refused} refused, ${counts.findings} findings`,
);
process.exitCode = counts.findings > 0 ? 1 : 0;
