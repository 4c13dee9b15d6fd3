/** The memory of every typed array in a value of plain data, each once. */
export function buffersOf(value: unknown): Set<ArrayBuffer> {
  const found = new Set<ArrayBuffer>();
  const visit = (each: unknown) => {
    if (ArrayBuffer.isView(each)) found.add(each.buffer as ArrayBuffer);
    else if (typeof each === "object" && each !== null) Object.values(each).forEach(visit);
  };
  visit(value);
  return found;
}
