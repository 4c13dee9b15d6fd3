/** A number with its noun: `1 frame`, `2 frames`. @param nouns where there are several, if that is not the noun with an s */
export function counted(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`;
}
