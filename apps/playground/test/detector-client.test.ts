import { describe, expect, it } from "vitest";
import type { EntropyReading, Found } from "../src/detector.js";
import { DetectorClient, type ThreadListeners } from "../src/detector-client.js";
import type { Answer, FindRequest, WorkerMessage } from "../src/messages.js";

const request = (name: string): FindRequest => ({
  scan: { name, bytes: new Uint8Array() },
  range: "ahead",
  engine: "wasm",
});
const answer = (name: string): Answer => ({ found: { name } as Found, computedBy: "a test" });
const found = (name: string): WorkerMessage => ({ kind: "found", answer: answer(name) });
const reading = {} as EntropyReading;

/** A client, the threads that it started, and what it told. */
function begin() {
  const told: string[] = [];
  const threads: (ThreadListeners & { ended: boolean; readonly asked: string[] })[] = [];
  const client = new DetectorClient(
    (listeners) => {
      const thread = { ...listeners, ended: false, asked: [] as string[] };
      threads.push(thread);
      return {
        postMessage: ({ scan }) => thread.asked.push(scan.name),
        terminate: () => {
          thread.ended = true;
        },
      };
    },
    {
      onLoaded: () => told.push("loaded"),
      onReading: () => told.push("read"),
      onUnread: (reason) => told.push(`unread: ${reason}`),
    },
  );
  return { client, threads, told };
}

describe("DetectorClient", () => {
  it("asks one thread for scan after scan", async () => {
    const { client, threads, told } = begin();
    for (const name of ["a", "b"]) {
      const search = client.find(request(name));
      threads[0].onMessage(found(name));
      expect(await search).toEqual(answer(name));
      threads[0].onMessage({ kind: "read", reading });
    }
    expect(threads).toHaveLength(1);
    expect(threads[0].asked).toEqual(["a", "b"]);
    expect(told).toEqual(["read", "read"]);
  });

  it("a reading that fails is told as such, and ends no search that has begun meanwhile", async () => {
    const { client, threads, told } = begin();
    const first = client.find(request("a"));
    threads[0].onMessage(found("a"));
    await first;
    const second = client.find(request("b"));
    threads[0].onMessage({ kind: "unread", reason: "out of memory" });
    threads[0].onMessage(found("b"));
    expect(await second).toEqual(answer("b"));
    expect(told).toEqual(["unread: out of memory"]);
  });

  it("a search that is cancelled takes the reading before it along, and says so", async () => {
    const { client, threads, told } = begin();
    const first = client.find(request("a"));
    threads[0].onMessage(found("a"));
    await first;
    const second = client.find(request("b"));
    client.cancel();
    await expect(second).rejects.toMatchObject({ name: "AbortError" });
    expect(threads[0].ended).toBe(true);
    expect(told).toEqual(["unread: cancelled"]);
    client.cancel(); // nothing runs
    expect(told).toHaveLength(1);
  });

  it("the next search after a cancelled one has a new thread, and hears nothing of the old one", async () => {
    const { client, threads } = begin();
    const first = client.find(request("a"));
    const second = client.find(request("b"));
    await expect(first).rejects.toMatchObject({ name: "AbortError" });
    expect(threads).toHaveLength(2);
    threads[0].onMessage(found("a"));
    threads[0].onBreak("late");
    threads[1].onMessage(found("b"));
    expect(await second).toEqual(answer("b"));
  });

  it("a thread that breaks off fails the search, and the next one has another", async () => {
    const { client, threads, told } = begin();
    const first = client.find(request("a"));
    threads[0].onBreak("no memory");
    await expect(first).rejects.toThrow("no memory");
    const second = client.find(request("b"));
    threads[1].onMessage({ kind: "failed", message: "b: expected a scan" });
    await expect(second).rejects.toThrow("b: expected a scan");
    expect(told).toEqual([]);
  });
});
