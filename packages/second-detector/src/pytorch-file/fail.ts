import { printable } from "checked-text";

/** Throws an error that names the file and the byte. */
export type Fail = (at: number, expected: string, got: string) => never;

export function failer(path: string): Fail {
  return (at, expected, got) => {
    throw new Error(printable(`parsePytorchFile: ${path}: byte ${at}: expected ${expected}, got ${got}`));
  };
}
