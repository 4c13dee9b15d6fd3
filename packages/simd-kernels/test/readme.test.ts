import { dirname } from "node:path";
import { testReadmeExample } from "test-support";
import { tryLayer, whyNot } from "./layers.js";

testReadmeExample(dirname(import.meta.dirname), whyNot(tryLayer("native")));
