import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const packageFolder = join(import.meta.dirname, "..");

/** The two families of MPI, as Debian's packages install them side by side, or whichever `mpirun` there is. */
export interface Launcher {
  readonly interface: "open-mpi" | "mpich";
  readonly command: string;
  readonly args: readonly string[];
  /** why it cannot be used here */
  readonly missing: string | undefined;
}

const ranksOfRoot = ["--allow-run-as-root", "--oversubscribe"];

export const launchers: readonly Launcher[] = [
  findLauncher("open-mpi", "mpirun.openmpi", /Open MPI|OpenRTE/, ranksOfRoot),
  findLauncher("mpich", "mpirun.mpich", /HYDRA/, []),
];

/** Why the addon is not there, if so. */
function addonMissing(): string | undefined {
  const record = JSON.parse(readFileSync(join(packageFolder, "dist", "addon.json"), "utf8"));
  return record.built ? undefined : `the addon was not built: ${record.reason}`;
}

function findLauncher(name: Launcher["interface"], own: string, says: RegExp, args: readonly string[]): Launcher {
  for (const command of [own, "mpirun"]) {
    try {
      const version = execFileSync(command, ["--version"], { encoding: "utf8", stdio: "pipe" });
      if (says.test(version)) return { interface: name, command, args, missing: addonMissing() };
    } catch {
      // not there: try the next
    }
  }
  const missing = `no mpirun of ${name === "mpich" ? "MPICH (mpich)" : "Open MPI (openmpi-bin)"}`;
  return { interface: name, command: own, args, missing };
}

/** What a parallel program left, once every rank has ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/** Runs a program in so many ranks; `watch` sees what it has printed so far. */
export function launch(
  { command, args }: Launcher,
  ranks: number,
  program: readonly string[],
  options: { readonly env?: Record<string, string>; readonly watch?: (stdout: string) => void } = {},
): Promise<Ended> {
  const started = performance.now();
  const child = spawn(command, [...args, "-n", String(ranks), process.execPath, ...program], {
    cwd: packageFolder,
    env: { ...process.env, FORCE_COLOR: "0", ...options.env },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
    options.watch?.(stdout);
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      resolve({ status, stdout, stderr, seconds: (performance.now() - started) / 1000 });
    });
  });
}
