import { launchOf, openMpi, singleRank } from "mpi-collectives";
import { describe, expect, it } from "vitest";
import { findLibrary } from "../src/find-library.js";

describe("one rank without a library", () => {
  it("gives every collective of its own array, in memory of its own", async () => {
    const mpi = singleRank();
    const values = Float32Array.of(1, 2);
    for (const joined of [mpi.broadcast(values), mpi.allReduce(values), mpi.allGather(values), mpi.allToAll(values)]) {
      expect(await joined).toEqual(values);
      expect((await joined).buffer).not.toBe(values.buffer);
    }
    await mpi.barrier();
    expect([mpi.rank, mpi.size, mpi.interface]).toEqual([0, 1, "none"]);
  });

  it("refuses what ranks of a library refuse", async () => {
    const mpi = singleRank();
    await expect(mpi.allReduce([1, 2] as never)).rejects.toThrow(
      new TypeError("allReduce: expected a typed array for values, got Array"),
    );
    await expect(mpi.allReduce(new Float32Array(1), "mean" as never)).rejects.toThrow(
      "allReduce: expected one of sum, min, max for reduction, got mean",
    );
    await expect(mpi.broadcast(new Float32Array(1), 1)).rejects.toThrow(
      new RangeError("broadcast: expected a rank from 0 to 0 for root, got 1"),
    );
    await mpi.close();
    await expect(mpi.barrier()).rejects.toThrow("barrier: the communicator is closed");
  });
});

describe("launchOf", () => {
  it("reads the variables of the launchers", () => {
    expect(launchOf({ OMPI_COMM_WORLD_RANK: "1", OMPI_COMM_WORLD_SIZE: "4", PMIX_RANK: "1" })).toEqual({
      launcher: "open-mpi",
      rank: 1,
      size: 4,
    });
    expect(launchOf({ PMI_RANK: "0", PMI_SIZE: "2" })).toEqual({ launcher: "pmi", rank: 0, size: 2 });
    expect(launchOf({ PMIX_RANK: "3", SLURM_STEP_NUM_TASKS: "8" })).toEqual({ launcher: "pmix", rank: 3, size: 8 });
    expect(launchOf({ PMIX_RANK: "3" })).toEqual({ launcher: "pmix", rank: 3, size: undefined });
    expect(launchOf({ SLURM_PROCID: "0", SLURM_NTASKS: "4" })).toBeUndefined(); // the script of a job
  });
});

describe("the library", () => {
  const machine = (libraries: Record<string, "open-mpi" | "mpich" | "standard">) => ({
    interfaceOf(name: string) {
      if (libraries[name]) return libraries[name];
      throw new Error(`${name}: no such file`);
    },
  });
  const both = machine({ "libmpi.so.40": "open-mpi", "libmpich.so.12": "mpich" });
  const launched = (launcher: "open-mpi" | "pmi" | "pmix") => ({ launcher, rank: 0, size: 2 });

  it("is the launcher's", () => {
    expect(findLibrary(both, launched("open-mpi"))).toBe("libmpi.so.40");
    expect(findLibrary(both, launched("pmi"))).toBe("libmpich.so.12");
    expect(findLibrary(both, undefined)).toBe("libmpi.so.40");
    expect(findLibrary(machine({ "libmpi.so.40": "open-mpi" }), launched("pmi"))).toBe("libmpi.so.40");
  });

  it("is that of the standard interface where there is one", () => {
    const modern = machine({ "libmpi_abi.so.1": "standard", "libmpich.so.12": "mpich" });
    expect(findLibrary(modern, launched("pmi"))).toBe("libmpi_abi.so.1");
  });

  it("is the named one, whatever the launcher", () => {
    expect(findLibrary(both, launched("open-mpi"), "libmpich.so.12")).toBe("libmpich.so.12");
  });

  it("that is missing is reported with what was tried", async () => {
    expect(() => findLibrary(machine({}), undefined)).toThrow(
      /^openMpi: expected an MPI library \(.*libmpi\.so\.40: no such file.*\); load the cluster's MPI module, or name the library/,
    );
    process.env.MPI_COLLECTIVES_LIBRARY = "/nowhere/libmpi.so";
    try {
      await expect(openMpi()).rejects.toThrow(
        /^openMpi: expected an MPI library \(\/nowhere\/libmpi\.so: cannot open .*\); MPI_COLLECTIVES_LIBRARY names/,
      );
      process.env.MPI_COLLECTIVES_LIBRARY = "libm.so.6";
      await expect(openMpi()).rejects.toThrow("libm.so.6 exports no interface of Open MPI, MPICH or the MPI standard");
    } finally {
      delete process.env.MPI_COLLECTIVES_LIBRARY;
    }
  });
});
