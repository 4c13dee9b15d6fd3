import { describe, expect, it } from "vitest";
import { ChosenScan } from "../src/chosen-scan.js";

/** A choice among names, and those that it released. */
function begin() {
  const released: string[] = [];
  return { chosen: new ChosenScan<string>((name) => released.push(name)), released };
}

/** A file that opens when it is told to. */
function slow(name: string) {
  let [opens, fails]: [() => void, () => void] = [() => {}, () => {}];
  const opening = new Promise<string>((resolve, reject) => {
    opens = () => resolve(name);
    fails = () => reject(new Error(`${name} is none`));
  });
  return { open: () => opening, opens, fails };
}

describe("ChosenScan", () => {
  it("who asks while a file is being opened gets that file, not the one before", async () => {
    const { chosen, released } = begin();
    expect(chosen.latest).toBeUndefined();
    await chosen.choose(async () => "a");
    const b = slow("b");
    const opening = chosen.choose(b.open);
    const again = chosen.latest;
    b.opens();
    expect([await opening, await again]).toEqual(["b", "b"]);
    expect(released).toEqual(["a"]);
  });

  it("of files that are opened at a time the last one counts, whichever opens first", async () => {
    const { chosen, released } = begin();
    const [a, b] = [slow("a"), slow("b")];
    const both = [chosen.choose(a.open), chosen.choose(b.open)];
    b.opens();
    await both[1];
    a.opens();
    await both[0];
    expect(await chosen.latest).toBe("b");
    expect(released).toEqual(["a"]);
  });

  it("a file that does not open leaves the one before it", async () => {
    const { chosen, released } = begin();
    const none = slow("none");
    const first = chosen.choose(none.open);
    none.fails();
    await expect(first).rejects.toThrow("none is none");
    expect(chosen.latest).toBeUndefined();
    await chosen.choose(async () => "a");
    await expect(chosen.choose(none.open)).rejects.toThrow("none is none");
    expect(await chosen.latest).toBe("a");
    expect(released).toEqual([]);
  });
});
