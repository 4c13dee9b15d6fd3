import { Argument, Command } from "commander";
import { completionScript, SHELLS, type Shell } from "../system/completion-script.js";

const HELP = `
Examples:
  eloss completion bash >> ~/.bashrc
  eloss completion zsh >> ~/.zshrc
  eloss completion fish > ~/.config/fish/completions/eloss.fish`;

/** @param program whose commands and options are completed; asked when the command runs, and so complete */
export function completionCommand(program: Command): Command {
  return new Command("completion")
    .description("print a script that completes commands, options and their values in a shell")
    .addArgument(new Argument("<shell>", "whose script").choices([...SHELLS]))
    .addHelpText("after", HELP)
    .action((shell: Shell) => void process.stdout.write(completionScript(program, shell)));
}
