export { checkAs } from "./check-as.js";
export { deepFreeze } from "./deep-freeze.js";
export { parseJson } from "./parse-json.js";
export { parseYaml } from "./parse-yaml.js";
export { printable, quoted } from "./quoted.js";
