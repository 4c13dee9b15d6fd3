/** A word of a command that is printed for people to run, in quotes where a shell would split or change it. */
export function shellWord(text: string): string {
  if (/^[\w./:@=+,-]+$/.test(text)) return text;
  if (process.platform === "win32") return `"${text}"`; // a path has no quotes there
  return `'${text.replaceAll("'", "'\\''")}'`;
}
