// Writes the C++ side of the hand-over of operations: an enum of their codes, a struct of arguments for each, the enums of
// their choices, and the switch that fills a struct from lists of sizes and arrays and calls the `run` that takes it.
import type { ArrayParameter, Operation, Size } from "../src/operations/operation.js";

/** Text of operations.h for operations by name; the place of a name is the operation's code. */
export function operationsHeader(operations: Readonly<Record<string, Operation>>): string {
  const entries = Object.entries(operations);
  const arrayCounts = entries.map(([, { arrays }]) => Object.keys(arrays).length);
  return `// Written by scripts/operations-header.ts from src/operations. core.h includes it.
#pragma once

// The most arrays that an operation has.
constexpr int mostArrays = ${Math.max(...arrayCounts)};

// Of each operation by its code: how many arrays it has, and of what elements; \`real\` is float32 or float64.
enum class ArrayElement { float32, float64, int32, real };
constexpr int operationCount = ${entries.length};
constexpr int arrayCounts[] = {${arrayCounts.join(", ")}};
constexpr ArrayElement arrayElements[][mostArrays] = {
${entries.map(([name, { arrays }]) => elementsOf(name, arrays)).join("\n")}
};

${[...typesOf(entries.flatMap(([, { sizes }]) => Object.values(sizes)))].map(([, text]) => text).join("\n\n")}

${entries.map(([name, operation]) => argumentsStruct(name, operation)).join("\n\n")}

// Calls run(arguments) with the struct of the operation that has this code.
template <class Run>
inline int dispatch(int code, const double* sizes, void* const* arrays, const Run& run) {
  switch (code) {
${entries.map(([name, operation], code) => caseOf(name, code, operation)).join("\n")}
  }
  return unknownOperation;
}
`;
}

const elementsOf = (name: string, arrays: Operation["arrays"]): string =>
  `    {${Object.values(arrays)
    .map(({ element }) => `ArrayElement::${element}`)
    .join(", ")}},  // ${name}`;

/** The enum or struct of each type of size by its name, once. */
function typesOf(sizes: readonly Size[]): Map<string, string> {
  const types = new Map<string, string>();
  for (const size of sizes) {
    if (size.kind !== "choice" && size.kind !== "struct") continue;
    const text =
      size.kind === "choice"
        ? `enum class ${size.type} { ${size.names.join(", ")} };`
        : `struct ${size.type} {\n${fieldsOf(size.fields)}\n};`;
    if ((types.get(size.type) ?? text) !== text) throw new Error(`internal: two different types ${size.type}`);
    types.set(size.type, text);
  }
  return types;
}

function argumentsStruct(name: string, { sizes, arrays }: Operation): string {
  const pointers = Object.entries(arrays).map(([array, parameter]) => `  ${typeOf(parameter)} ${cppName(array)};`);
  return `struct ${structName(name)} {\n${[...fieldLines(sizes), ...pointers].join("\n")}\n};`;
}

const structName = (name: string): string => `${name[0].toUpperCase()}${name.slice(1)}Arguments`;

/** `map.starts` as `mapStarts`. */
const cppName = (name: string): string => name.replace(/\.(.)/g, (_, letter: string) => letter.toUpperCase());

const elementTypes = { float32: "float", float64: "double", int32: "int", real: "void" } as const;

const typeOf = ({ element, access }: ArrayParameter): string =>
  `${access === "input" ? "const " : ""}${elementTypes[element]}*`;

const fieldsOf = (sizes: Operation["sizes"]): string => fieldLines(sizes).join("\n");

const fieldLines = (sizes: Operation["sizes"]): string[] =>
  Object.entries(sizes).map(([name, size]) => {
    if (size.kind === "triple") return `  Index ${name}[3];  // z, y, x`;
    const type = { index: "Index", count: "Index", real: "double", flag: "bool" } as const;
    return `  ${size.kind === "choice" || size.kind === "struct" ? size.type : type[size.kind]} ${name};`;
  });

function caseOf(name: string, code: number, { sizes, arrays }: Operation): string {
  const { fields } = readSizes(sizes, 0);
  const pointers = Object.entries(arrays).map(
    ([array, parameter], i) => `.${cppName(array)} = static_cast<${typeOf(parameter)}>(arrays[${i}])`,
  );
  return `    case ${code}:\n      return run(${structName(name)}{\n          ${[...fields, ...pointers].join(",\n          ")}});`;
}

/** Initialisers of `sizes` from entry `first` of the list on, and which entry is next. */
function readSizes(sizes: Operation["sizes"], first: number): { fields: string[]; next: number } {
  let next = first;
  const whole = () => `static_cast<Index>(sizes[${next++}])`;
  const initialiser = (size: Size): string => {
    if (size.kind === "real") return `sizes[${next++}]`;
    if (size.kind === "flag") return `sizes[${next++}] != 0`;
    if (size.kind === "choice") return `static_cast<${size.type}>(${whole()})`;
    if (size.kind === "triple") return `{${whole()}, ${whole()}, ${whole()}}`;
    if (size.kind !== "struct") return whole();
    const inner = readSizes(size.fields, next);
    next = inner.next;
    return `{${inner.fields.join(", ")}}`;
  };
  return { fields: Object.entries(sizes).map(([name, size]) => `.${name} = ${initialiser(size)}`), next };
}
