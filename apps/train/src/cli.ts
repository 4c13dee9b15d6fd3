#!/usr/bin/env node
import { CommanderError } from "commander";
import { elossProgram } from "./program.js";
import { keepStreamErrors, reportErrors } from "./system/command-error.js";

keepStreamErrors();
await reportErrors(async () => {
  const program = elossProgram();
  for (const command of [program, ...program.commands]) command.exitOverride();
  try {
    await program.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // What is wrong with the use has been said, or help was asked for.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  }
});
