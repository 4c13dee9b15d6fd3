/** What a launcher of parallel programs says of this process. */
export interface Launch {
  /** `mpirun` of Open MPI, a launcher that speaks PMI (MPICH's `mpirun`, `srun --mpi=pmi2`), or one that speaks PMIx (`srun --mpi=pmix`) */
  readonly launcher: "open-mpi" | "pmi" | "pmix";
  readonly rank: number;
  /** `undefined` where the launcher does not say */
  readonly size: number | undefined;
}

/**
 * Which launcher of parallel programs started this process, without opening an MPI library.
 * @param environment its variables
 * @returns `undefined` if none did
 */
export function launchOf(environment: Readonly<Record<string, string | undefined>> = process.env): Launch | undefined {
  const number = (name: string) => {
    const text = environment[name];
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  };
  const ways = [
    ["open-mpi", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"],
    ["pmi", "PMI_RANK", "PMI_SIZE"],
    ["pmix", "PMIX_RANK", "SLURM_STEP_NUM_TASKS"],
  ] as const;
  for (const [launcher, rankName, sizeName] of ways) {
    const rank = number(rankName);
    if (rank !== undefined) return { launcher, rank, size: number(sizeName) };
  }
  return undefined;
}
