// Builds the whole site into dist/site, and follows all its links.
import { join } from "node:path";
import { build } from "vitepress";
import { assemble, siteFolder } from "./assemble.js";
import { brokenLinks } from "./check-site.js";
import { siteBase } from "./site-base.js";

await assemble();
await build(siteFolder);
const faults = brokenLinks(join(siteFolder, "dist/site"), siteBase);
for (const fault of faults) console.error(fault);
if (faults.length > 0)
  throw new Error(`${faults.length === 1 ? "one link" : `${faults.length} links`} of the site to be mended`);
