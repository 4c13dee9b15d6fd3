/**
 * Does one piece of work per item, in order, with the work of the next `ahead` items already begun when one is asked for.
 * An error comes when its item is asked for, as it would without working ahead (`ahead` 0).
 */
export async function* prefetch<Item, Result>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<Result>,
  ahead: number,
): AsyncGenerator<Result, void> {
  const begun: Promise<Result>[] = [];
  for (const item of items) {
    const result = work(item);
    result.catch(() => {}); // until it is asked for
    begun.push(result);
    if (begun.length > ahead) yield begun.shift()!;
  }
  yield* begun;
}
