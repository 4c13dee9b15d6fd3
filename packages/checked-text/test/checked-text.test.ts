import { describe, expect, test } from "vitest";
import { z } from "zod";
import { checkAs, deepFreeze, parseJson, parseYaml } from "../src/index.js";

const schema = z.strictObject({
  name: z.string().min(2),
  sizes: z.array(z.int().positive()).min(1),
  kind: z.enum(["round", "square"]).optional(),
});
const good = { name: "ball", sizes: [1, 2] };

describe("checkAs", () => {
  test("returns what the schema makes of the value", () => {
    expect(checkAs({ ...good, kind: "round" }, schema, "my.yaml")).toEqual({ ...good, kind: "round" });
  });

  test.each<[string, unknown, string]>([
    ["another type", { ...good, name: 3 }, "my.yaml: name: expected string, got 3"],
    ["a missing key", { name: "ball" }, "my.yaml: sizes: expected array, got nothing"],
    ["an unknown key", { ...good, colour: 1 }, "my.yaml: colour: expected no such key, got one"],
    ["a short text", { ...good, name: "b" }, 'my.yaml: name: expected a length at least 2, got "b"'],
    ["an empty list", { ...good, sizes: [] }, "my.yaml: sizes: expected a number of entries at least 1, got []"],
    ["an entry of a list", { ...good, sizes: [1, 1.5] }, "my.yaml: sizes[1]: expected a whole number, got 1.5"],
    ["a bound", { ...good, sizes: [0] }, "my.yaml: sizes[0]: expected a number above 0, got 0"],
    ["a choice", { ...good, kind: "flat" }, 'my.yaml: kind: expected one of round, square, got "flat"'],
    ["something else altogether", null, "my.yaml: the whole: expected object, got null"],
  ])("names place, key, expected and got for %s", (_, value, message) => {
    expect(() => checkAs(value, schema, "my.yaml")).toThrow(new Error(message));
  });

  test("says what form a text and a key shall have", () => {
    const forms = z.strictObject({
      hash: z.string().regex(/^[0-9a-f]+$/),
      files: z.record(
        z.string().refine((key) => key !== "..", "expected a name"),
        z.number(),
      ),
    });
    expect(() => checkAs({ hash: "x\u009b", files: { "..": 1 } }, forms, "p")).toThrow(
      new Error('p: hash: expected a text of the form /^[0-9a-f]+$/, got "x\\u009b"; files...: expected a name, got 1'),
    );
  });

  test("names every fault, and shortens long values", () => {
    const value = { name: "x".repeat(100).split(""), sizes: 1 };
    expect(() => checkAs(value, schema, "p")).toThrow(/^p: name: expected string, got \[("x",){19}\.\.\.; sizes: /);
  });
});

describe("parseYaml", () => {
  test("reads YAML and JSON", () => {
    expect(parseYaml("a: [1, {b: yes}]", "p")).toEqual({ a: [1, { b: "yes" }] });
    expect(parseYaml('{"a": null}', "p")).toEqual({ a: null });
  });

  test.each([
    ["an alias", "a: &x [1]\nb: *x\n"],
    ["a bomb of aliases", "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n"],
    ["a key twice", "a: 1\na: 2\n"],
    ["bad syntax", "name: [1, 2"],
    ["deep nesting", "[".repeat(30000)],
  ])("refuses %s", (_, text) => {
    expect(() => parseYaml(text, "my.yaml")).toThrow(/^my\.yaml: expected YAML without aliases, got /);
  });

  test("refuses long texts before reading them", () => {
    expect(() => parseYaml("x".repeat(65537), "my.yaml")).toThrow(
      "my.yaml: expected at most 65536 characters of YAML, got 65537",
    );
  });
});

test("a byte order mark before a text is no part of it", () => {
  expect(parseJson('\ufeff{"a": 1}', "p")).toEqual({ a: 1 });
  expect(parseYaml("\ufeffa: 1\r\n", "p")).toEqual({ a: 1 });
  expect(() => parseJson("\ufeff\ufeff1", "p")).toThrow('p: expected JSON, got "\\ufeff\\ufeff1"');
});

test("parseJson shows the beginning of what is no JSON", () => {
  expect(parseJson("[1]", "p")).toEqual([1]);
  expect(() => parseJson('{"step": 1, "lo', "metrics.jsonl:7")).toThrow(
    'metrics.jsonl:7: expected JSON, got "{\\"step\\": 1, \\"lo"',
  );
});

test("deepFreeze reaches every level", () => {
  const value = deepFreeze({ a: [{ b: 1 }], c: null });
  expect(Object.isFrozen(value) && Object.isFrozen(value.a) && Object.isFrozen(value.a[0])).toBe(true);
});
