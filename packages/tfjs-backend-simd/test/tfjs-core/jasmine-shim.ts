import { isDeepStrictEqual } from "node:util";

// The part of jasmine that the tests of tfjs-core use, as globals. `runSpecs` runs what they declared, one by one.

type Body = (done?: unknown) => unknown;

interface Suite {
  readonly name: string;
  readonly parent?: Suite;
  readonly hooks: Record<"beforeAll" | "afterAll" | "beforeEach" | "afterEach", Body[]>;
  readonly children: (Suite | Spec)[];
}

interface Spec {
  readonly spec: string;
  readonly body: Body;
}

export interface SpecResult {
  readonly name: string;
  readonly failures: readonly string[];
}

const newSuite = (name: string, parent?: Suite): Suite => ({
  name,
  parent,
  hooks: { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] },
  children: [],
});

const root = newSuite("");
let suite = root;
let failures: string[] = [];
const restores: (() => void)[] = [];

function describe(name: string, body: () => void): void {
  const inner = newSuite(name, suite);
  suite.children.push(inner);
  suite = inner;
  body();
  suite = inner.parent as Suite;
}

function it(spec: string, body: Body): void {
  suite.children.push({ spec, body });
}

const show = (value: unknown): string => {
  try {
    return (typeof value === "string" ? value : (JSON.stringify(value) ?? String(value))).slice(0, 200);
  } catch {
    return String(value);
  }
};

interface Asymmetric {
  asymmetricMatch(actual: unknown): boolean;
}

function same(actual: unknown, expected: unknown): boolean {
  if (typeof (expected as Asymmetric)?.asymmetricMatch === "function") {
    return (expected as Asymmetric).asymmetricMatch(actual);
  }
  return isDeepStrictEqual(actual, expected);
}

function thrownBy(body: unknown): { error?: unknown; threw: boolean } {
  try {
    (body as () => void)();
    return { threw: false };
  } catch (error) {
    return { error, threw: true };
  }
}

/** True if an error is of the type and has the message that were given, in jasmine's order of arguments. */
function matchesError(error: unknown, args: readonly unknown[]): boolean {
  if (!(error instanceof Error)) return false;
  return args.every((wanted) => {
    if (typeof wanted === "string") return error.message === wanted;
    if (wanted instanceof RegExp) return wanted.test(error.message);
    return wanted === undefined || error instanceof (wanted as ErrorConstructor);
  });
}

const callsOf = (spy: unknown): unknown[][] => (spy as { calls: unknown[][] }).calls;

// biome-ignore lint/suspicious/noExplicitAny: jasmine compares anything.
type Value = any;

const matchers: Record<string, (actual: Value, ...expected: Value[]) => boolean> = {
  nothing: () => true,
  toBe: (actual, expected) => Object.is(actual, expected) || actual === expected,
  toEqual: same,
  toBeNull: (actual) => actual === null,
  toBeUndefined: (actual) => actual === undefined,
  toBeDefined: (actual) => actual !== undefined,
  toBeTruthy: (actual) => Boolean(actual),
  toBeFalsy: (actual) => !actual,
  toBeTrue: (actual) => actual === true,
  toBeFalse: (actual) => actual === false,
  toBeNaN: (actual) => Number.isNaN(actual),
  toBeInstanceOf: (actual, type) => actual instanceof type,
  toBeCloseTo: (actual, expected, digits = 2) => Math.abs(actual - expected) < 10 ** -digits / 2,
  toBeLessThan: (actual, expected) => actual < expected,
  toBeLessThanOrEqual: (actual, expected) => actual <= expected,
  toBeGreaterThan: (actual, expected) => actual > expected,
  toBeGreaterThanOrEqual: (actual, expected) => actual >= expected,
  toContain: (actual, expected) => actual.includes(expected),
  toMatch: (actual, expected) => new RegExp(expected).test(actual),
  toThrow: (actual) => thrownBy(actual).threw,
  toThrowError: (actual, ...expected) => matchesError(thrownBy(actual).error, expected),
  toHaveBeenCalled: (spy) => callsOf(spy).length > 0,
  toHaveBeenCalledTimes: (spy, times) => callsOf(spy).length === times,
  toHaveBeenCalledWith: (spy, ...expected) => callsOf(spy).some((call) => same(call, expected)),
};

function expectation(actual: Value, negated: boolean): Record<string, unknown> {
  const checks = Object.entries(matchers).map(([name, matches]) => [
    name,
    (...expected: Value[]) => {
      if (matches(actual, ...expected) !== negated) return;
      failures.push(`expected ${show(actual)} ${negated ? "not " : ""}${name} ${expected.map(show).join(", ")}`);
    },
  ]);
  return Object.fromEntries(checks);
}

const expect = (actual: Value) => ({
  ...expectation(actual, false),
  not: expectation(actual, true),
  withContext: () => expect(actual),
});

const expectAsync = (promise: Promise<unknown>) => ({
  async toBeRejectedWithError(...expected: unknown[]) {
    const outcome = await promise.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!matchesError(outcome, expected)) failures.push(`expected a rejection, got ${show(outcome)}`);
  },
});

function fail(message?: unknown): void {
  failures.push(message instanceof Error ? message.message : `fail: ${show(message)}`);
}

function spyOn(object: Record<string, Value>, name: string) {
  const original = object[name];
  const own = Object.getOwnPropertyDescriptor(object, name);
  let behaviour: (...args: unknown[]) => unknown = () => undefined;
  const calls: unknown[][] = [];
  const spy = function (this: unknown, ...args: unknown[]) {
    calls.push(args);
    return behaviour.apply(this, args);
  };
  const and = {
    callThrough: () => use(original),
    callFake: (fake: typeof behaviour) => use(fake),
    returnValue: (value: unknown) => use(() => value),
  };
  const result = Object.assign(spy, {
    and,
    calls: Object.assign(calls, { count: () => calls.length, first: () => ({ args: calls[0] }) }),
  });
  function use(chosen: typeof behaviour) {
    behaviour = chosen;
    return result;
  }
  object[name] = spy;
  restores.push(() => {
    if (own) Object.defineProperty(object, name, own);
    else delete object[name];
  });
  return result;
}

const sorted = (values: Iterable<unknown>) => [...values].map(show).sort();

Object.assign(globalThis, {
  describe,
  it,
  expect,
  expectAsync,
  fail,
  spyOn,
  xit: () => undefined,
  xdescribe: () => undefined,
  beforeAll: (body: Body) => suite.hooks.beforeAll.push(body),
  afterAll: (body: Body) => suite.hooks.afterAll.push(body),
  beforeEach: (body: Body) => suite.hooks.beforeEach.push(body),
  afterEach: (body: Body) => suite.hooks.afterEach.push(body),
  jasmine: {
    DEFAULT_TIMEOUT_INTERVAL: 20000,
    getEnv: () => ({ configuration: () => ({}), configure: () => undefined }),
    any: (type: unknown) => ({
      asymmetricMatch: (actual: object) => Object(actual) instanceof (type as ErrorConstructor),
    }),
    arrayWithExactContents: (wanted: unknown[]) => ({
      asymmetricMatch: (actual: unknown[]) => same(sorted(actual), sorted(wanted)),
    }),
  },
});

/** A spec that neither returns nor calls back in this time has failed. */
const TIMEOUT_MS = 10_000;

let rejectCurrent: (error: unknown) => void = () => undefined;
process.on("uncaughtException", (error) => rejectCurrent(error)); // thrown in a timer or a stream

/** Runs a hook or spec to its end, its promise's end, or its call of `done`. */
async function attempt(body: Body): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      rejectCurrent = reject;
      timer = setTimeout(() => reject(new Error("timeout")), TIMEOUT_MS);
      const result = Promise.resolve(body(Object.assign(() => resolve(), { fail: reject })));
      if (body.length === 0) result.then(() => resolve(), reject);
      else result.catch(reject);
    });
  } catch (error) {
    failures.push(error instanceof Error ? error.message : `threw ${show(error)}`);
  }
  clearTimeout(timer);
}

function lineage(of: Suite): Suite[] {
  return of.parent ? [...lineage(of.parent), of] : [of];
}

async function runSuite(current: Suite, report: (result: SpecResult) => void): Promise<void> {
  failures = [];
  for (const hook of current.hooks.beforeAll) await attempt(hook);
  const broken = failures;
  const suiteRestores = restores.splice(0);
  const parents = lineage(current);
  const path = parents.map((parent) => parent.name);
  for (const child of current.children) {
    if (!("spec" in child)) {
      await runSuite(child, report);
      continue;
    }
    failures = [...broken];
    for (const parent of parents) for (const hook of parent.hooks.beforeEach) await attempt(hook);
    await attempt(child.body);
    for (const parent of parents.toReversed()) for (const hook of parent.hooks.afterEach) await attempt(hook);
    restoreAll(restores.splice(0));
    report({ name: [...path, child.spec].join(" › ").replace(/^ › /, ""), failures });
  }
  for (const hook of current.hooks.afterAll) await attempt(hook);
  restoreAll(suiteRestores);
}

/** Takes spies off again, the latest first. */
function restoreAll(spies: readonly (() => void)[]): void {
  for (const restore of spies.toReversed()) restore();
}

/** Runs everything declared so far. */
export async function runSpecs(): Promise<SpecResult[]> {
  const results: SpecResult[] = [];
  await runSuite(root, (result) => results.push(result));
  return results;
}
