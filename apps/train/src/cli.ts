#!/usr/bin/env node
import { elossProgram } from "./program.js";
import { keepStreamErrors, reportErrors } from "./system/command-error.js";

keepStreamErrors();
await reportErrors(async () => {
  await elossProgram().parseAsync();
});
