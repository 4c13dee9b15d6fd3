import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Application, type DeclarationReflection, ReflectionKind, type TypeDocOptions } from "typedoc";
import type { MarkdownApplication, PluginOptions } from "typedoc-plugin-markdown";
import type { EntryPoint } from "./entry-points.js";
import { repositoryUrl, root } from "./repository.js";

/**
 * Writes a page for each entry point, from the doc comments of what it exports. Packages are read as sources, not as built, so
 * that a type of another package is a link to its page.
 * @param folder where `NAME.md` of each entry point goes
 */
export async function writeApi(entries: readonly EntryPoint[], folder: string): Promise<void> {
  const options: Partial<TypeDocOptions & PluginOptions> = {
    plugin: ["typedoc-plugin-markdown"],
    name: "API",
    out: folder,
    entryPoints: entries.map(({ source }) => join(root, source)),
    tsconfig: join(root, "tsconfig.base.json"),
    compilerOptions: { paths: Object.fromEntries(entries.map(({ name, source }) => [name, [join(root, source)]])) },
    skipErrorChecking: true, // `turbo typecheck` has done it
    basePath: root,
    disableGit: true,
    gitRevision: "main",
    sourceLinkTemplate: "{path}", // its text alone is told from the root
    readme: "none",
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    sort: ["source-order"],
    groupOrder: ["Functions", "Classes", "Variables", "Interfaces", "Type Aliases", "*"],
    logLevel: "Error",
    // Markdown
    outputFileStrategy: "modules",
    entryFileName: "index",
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    expandObjects: true,
    expandParameters: true,
    parametersFormat: "table",
    interfacePropertiesFormat: "table",
    classPropertiesFormat: "table",
    typeAliasPropertiesFormat: "table",
    typeDeclarationFormat: "table",
    propertyMembersFormat: "table",
    tableColumnSettings: { hideSources: true, hideModifiers: true, hideInherited: true, hideOverrides: true },
    sanitizeComments: true,
    useHTMLAnchors: true,
    pageTitleTemplates: { index: "API", module: "{name}", member: "{name}" },
  };
  const application = (await Application.bootstrapWithPlugins(options)) as MarkdownApplication;
  const project = await application.convert();
  if (project === undefined) throw new Error("typedoc: could not read the packages' sources");
  // A module is called as it is imported; typedoc names it by its file.
  for (const module of project.getReflectionsByKind(ReflectionKind.Module) as DeclarationReflection[]) {
    const file = module.sources?.[0].fullFileName;
    const entry = entries.find(({ source }) => join(root, source) === file);
    if (entry !== undefined) module.name = entry.name;
  }
  await application.generateOutputs(project);
  for (const { name } of entries) {
    const file = join(folder, `${name}.md`);
    const markdown = readFileSync(file, "utf8").replace(/^Defined in: \[(.+):(\d+)\]\(.*\)$/gm, (_, source, line) => {
      return `<a class="source" href="${repositoryUrl}/blob/main/${source}#L${line}" target="_blank" rel="noreferrer">Source</a>`;
    });
    const links = `<div class="page-links">\n\n[About the package](/packages/${name.split("/")[0]})\n\n</div>\n`;
    const linked = markdown.replace(/^# .*\n/m, (title) => `${title}\n${links}`);
    writeFileSync(file, `---\ntitle: ${name}\ndescription: The API of ${name}\n---\n\n${linked}`);
  }
}
