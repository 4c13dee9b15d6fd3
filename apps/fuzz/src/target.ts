/** Something that reads a file which anybody may have written. */
export interface Target {
  /** what it is called on the command line and in the corpus */
  readonly name: string;
  /** what the file is called, in a folder that is its own */
  readonly file: string;
  /** small good files, made by code */
  readonly seeds: () => readonly (string | Uint8Array)[];
  /**
   * Reads a file. It may refuse it by an error in the words of this repository.
   * @param path of the file, which is there
   */
  readonly read: (path: string) => unknown;
  /** whether its errors name the file; default true: false for command lines, which have no file */
  readonly namesFile?: boolean;
}

/** Wrong use of a command, as it says so itself. */
export class Refusal extends Error {}
