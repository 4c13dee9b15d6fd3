import { describe, expect, it } from "vitest";
import { prefetch } from "../src/training/prefetch.js";

/** Notes when work begins and which result arrives; an item below 0 fails. */
async function run(items: readonly number[], ahead: number): Promise<string[]> {
  const log: string[] = [];
  const work = async (item: number) => {
    log.push(`begin ${item}`);
    // The later the item, the sooner it is done.
    await new Promise((resolve) => setTimeout(resolve, 20 - item));
    if (item < 0) throw new Error(`no ${item}`);
    return item;
  };
  try {
    for await (const result of prefetch(items, work, ahead)) log.push(`got ${result}`);
  } catch (error) {
    log.push((error as Error).message);
  }
  return log;
}

describe("prefetch", () => {
  it("begins nothing early with 0 ahead", async () => {
    expect(await run([1, 2, 3], 0)).toEqual(["begin 1", "got 1", "begin 2", "got 2", "begin 3", "got 3"]);
  });

  it("begins the next two and keeps the order", async () => {
    const log = await run([1, 2, 3, 4], 2);
    expect(log).toEqual(["begin 1", "begin 2", "begin 3", "got 1", "begin 4", "got 2", "got 3", "got 4"]);
  });

  it.each([0, 1, 5])("gives what comes before a failure first, %i ahead", async (ahead) => {
    const log = await run([1, 2, -3, 4], ahead);
    expect(log.filter((line) => !line.startsWith("begin"))).toEqual(["got 1", "got 2", "no -3"]);
  });

  it("takes no items", async () => {
    expect(await run([], 2)).toEqual([]);
  });
});
