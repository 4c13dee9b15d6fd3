import { describe, it } from "vitest";

/** What a skipped test's title ends with, so that every report says why it was skipped. */
export function withReason(title: string, reason: string | undefined): string {
  return reason === undefined ? title : `${title} [skipped: ${reason}]`;
}

/** A suite that runs unless there is a reason against it, which its title then says. Its body is called in either case. */
export function describeUnless(reason: string | undefined, title: string, suite: () => void): void {
  describe.skipIf(reason !== undefined)(withReason(title, reason), suite);
}

/** A test that runs unless there is a reason against it, which its title then says. */
export function itUnless(
  reason: string | undefined,
  title: string,
  test: () => void | Promise<void>,
  timeout?: number,
): void {
  it.skipIf(reason !== undefined)(withReason(title, reason), test, timeout);
}
