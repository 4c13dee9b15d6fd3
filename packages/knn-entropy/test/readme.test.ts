import { dirname } from "node:path";
import { testReadmeExample } from "test-support";

testReadmeExample(dirname(import.meta.dirname));
