/**
 * Prints what a command has found, on standard output, where nothing else goes.
 * @param found the whole of it, as one JSON document for programs
 * @param text  what people read without `--json`
 */
export function printResult(json: boolean, found: object, text: string): void {
  process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : `${text}\n`);
}
