import type { Command } from "commander";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** A command as completion sees it. */
interface Words {
  readonly name: string;
  readonly description: string;
  readonly options: readonly {
    readonly flag: string;
    readonly description: string;
    readonly values: readonly string[];
  }[];
  /** of its first argument, where they are known */
  readonly values: readonly string[];
}

/** A script that completes a program's commands, their options and the values that are known; files where none are. */
export function completionScript(program: Command, shell: Shell): string {
  const commands = program.createHelp().visibleCommands(program).map(wordsOf);
  return shell === "fish" ? fishScript(program.name(), commands) : bashScript(program.name(), commands, shell);
}

function wordsOf(command: Command): Words {
  const options = command.options.map(({ long, description, argChoices }) => ({
    flag: long ?? "",
    description,
    values: argChoices ?? [],
  }));
  const help = { flag: "--help", description: "display help for command", values: [] };
  return {
    name: command.name(),
    description: command.description(),
    options: [...options.filter(({ flag }) => flag !== ""), help],
    values: command.registeredArguments[0]?.argChoices ?? [],
  };
}

/** For bash; zsh runs it through its own adapter. */
function bashScript(name: string, commands: readonly Words[], shell: Shell): string {
  const values = commands.flatMap((command) =>
    command.options
      .filter((option) => option.values.length > 0)
      .map((option) => `    "${command.name} ${option.flag}") words="${option.values.join(" ")}" ;;`),
  );
  const options = commands.map((command) => {
    const words = [...command.values, ...command.options.map(({ flag }) => flag)].join(" ");
    return `    ${command.name}) words="${words}" ;;`;
  });
  return [
    ...(shell === "zsh" ? ["autoload -U +X compinit bashcompinit && compinit && bashcompinit"] : []),
    `_${name}() {`,
    `  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}" words=""`,
    `  if [ "$COMP_CWORD" -eq 1 ]; then words="${commands.map((command) => command.name).join(" ")} --help --version"; fi`,
    '  [ -n "$words" ] || case "$command $before" in',
    ...values,
    "  esac",
    '  [ -n "$words" ] || case "$command" in',
    ...options,
    "  esac",
    '  COMPREPLY=($(compgen -W "$words" -- "$word"))',
    "}",
    `complete -o default -F _${name} ${name}`,
    "",
  ].join("\n");
}

function fishScript(name: string, commands: readonly Words[]): string {
  const lines = commands.flatMap((command) => [
    `complete -c ${name} -n __fish_use_subcommand -f -a ${command.name} -d ${quotedForFish(command.description)}`,
    ...command.values.map(
      (value) => `complete -c ${name} -n "__fish_seen_subcommand_from ${command.name}" -f -a ${value}`,
    ),
    ...command.options.map(({ flag, description, values }) => {
      const words = values.length > 0 ? ` -x -a "${values.join(" ")}"` : "";
      const long = flag.replace(/^--/, "");
      const where = `-n "__fish_seen_subcommand_from ${command.name}"`;
      return `complete -c ${name} ${where} -l ${long}${words} -d ${quotedForFish(description)}`;
    }),
  ]);
  return `${lines.join("\n")}\n`;
}

function quotedForFish(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
