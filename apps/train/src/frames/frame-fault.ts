import { letSignalsIn, type StopWish } from "../system/stop-signal.js";

/** Something is wrong with the data of one frame: those of others may be used. The message names the file. */
export class FrameFault extends Error {
  override readonly name = "FrameFault";
}

/** A frame that was not used, and why. */
export interface LeftOut {
  readonly id: string;
  readonly fault: string;
}

/** Does what needs nothing but the data of one frame. @throws FrameFault if they do not allow it */
export async function readingFrame<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new FrameFault((cause as Error).message, { cause });
  }
}

/** Works on a frame. @returns it if its data are at fault @throws what `work` throws else */
export async function leftOutOf(id: string, work: (id: string) => Promise<void>): Promise<LeftOut | undefined> {
  try {
    await work(id);
    return undefined;
  } catch (error) {
    if (error instanceof FrameFault) return { id, fault: error.message };
    throw error;
  }
}

/**
 * Works on frames one after the other; those whose data are at fault are left out.
 * @param options onFault: told of each of them at once; stop: asks to end after the frame at hand; strict: the first one ends it
 * @returns those that were left out; undefined if it was asked to end
 * @throws Error if all were left out; what `work` throws, unless it is a {@link FrameFault}
 */
export async function eachFrame(
  ids: readonly string[],
  work: (id: string) => Promise<void>,
  { onFault = () => {}, stop, strict = false }: EachFrameOptions = {},
): Promise<LeftOut[] | undefined> {
  const leftOut: LeftOut[] = [];
  for (const id of ids) {
    await letSignalsIn();
    if (stop?.requested) return undefined;
    const frame = await leftOutOf(id, work);
    if (frame === undefined) continue;
    if (strict) throw new Error(strictFault(frame));
    leftOut.push(frame);
    onFault(frame);
  }
  if (leftOut.length < ids.length || ids.length === 0) return leftOut;
  throw new Error(`expected a frame without fault among ${ids.length}, got none (${describeLeftOut(leftOut[0])})`);
}

/** How frames are gone through. */
export interface EachFrameOptions {
  readonly onFault?: ((frame: LeftOut) => void) | undefined;
  readonly stop?: StopWish | undefined;
  readonly strict?: boolean | undefined;
}

/** What `--strict` says of a frame that would be left out else. */
export function strictFault({ id, fault }: LeftOut): string {
  return `frame ${id}: ${fault} (without --strict it is left out)`;
}

/** A line for people. */
export function describeLeftOut({ id, fault }: LeftOut): string {
  return `frame ${id} is left out: ${fault}`;
}
