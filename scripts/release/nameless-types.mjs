import { readFileSync } from "node:fs";
import ts from "typescript";

/**
 * Interfaces and classes of a package that its functions and methods return but that it does not export. A project that writes
 * declarations cannot name what it has got from them: "has or is using name … but cannot be named" (TS4023). What stands for an
 * alias TypeScript writes out.
 * @param {string} path of an entry point's declarations, as the build bundles them
 * @returns {string[]} `function: type`
 */
export function namelessTypes(path) {
  const { statements } = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const exported = new Set();
  const own = new Set();
  for (const each of statements) {
    if (ts.isExportDeclaration(each)) {
      for (const { name, propertyName } of each.exportClause.elements) exported.add((propertyName ?? name).text);
    } else if (ts.isImportDeclaration(each) && each.moduleSpecifier.text.startsWith(".")) {
      for (const { name } of each.importClause.namedBindings.elements) own.add(name.text);
    } else if (ts.isInterfaceDeclaration(each) || ts.isClassDeclaration(each)) {
      own.add(each.name.text);
    }
  }
  const found = [];
  for (const each of statements) {
    if (!exported.has(each.name?.text)) continue;
    if (ts.isFunctionDeclaration(each)) note(each.name.text, each.type);
    if (!ts.isClassDeclaration(each)) continue;
    for (const { name, type, parameters } of each.members) {
      if (parameters !== undefined && name !== undefined) note(`${each.name.text}.${name.text}`, type);
    }
  }
  return found;

  function note(from, type) {
    if (type === undefined) return;
    if (ts.isTypeReferenceNode(type) && own.has(type.typeName.text) && !exported.has(type.typeName.text)) {
      found.push(`${from}: ${type.typeName.text}`);
    }
    ts.forEachChild(type, (inner) => note(from, inner));
  }
}
