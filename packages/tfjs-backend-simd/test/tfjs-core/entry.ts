import { runSpecs } from "./jasmine-shim.js";
import "./select-backend.js";
import "@tensorflow/tfjs-core/dist/tests";
import { writeFileSync } from "node:fs";

const results = await runSpecs();
writeFileSync(process.argv[2], JSON.stringify(results));
// Some specs leave timers and streams open.
process.exit(0);
