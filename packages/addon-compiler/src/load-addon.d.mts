/** What a name of a platform is made of. */
export interface Machine {
  /** as `process.platform` */
  readonly platform: string;
  /** as `process.arch` */
  readonly arch: string;
  readonly libc?: "glibc" | "musl" | undefined;
}

export function thisMachine(): Machine;
export function platformName(machine?: Machine): string;
export function libcOf(executable: string): "glibc" | "musl";
export function loadAddon(options: {
  /** of the package */
  readonly name: string;
  /** file or URL of the code that asks, inside the package */
  readonly from: string;
  /** where the package's own build lies */
  readonly folder: string;
  /** why that lacks the file */
  readonly whyMissing: (file: string) => string;
  readonly machine?: Machine;
  /** default: `require` of the code that asks */
  readonly load?: (path: string) => unknown;
}): unknown;
