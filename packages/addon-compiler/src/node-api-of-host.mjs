// Windows binds functions to a file of a name, but the program that loads an addon may have any: node.exe, a copy of it, another
// host of Node-API. An addon that asked for node.exe could get a second one, off the PATH, that never started. So it gets a source
// file that looks each function up in the program that runs, and refuses to load where one is missing.

/**
 * C++ that defines what calls of Node-API go through on Windows, `__imp_NAME`.
 * @param {string[]} texts C++ that calls them
 */
export function nodeApiOfHost(texts) {
  const names = [...new Set(texts.flatMap((text) => text.match(/\b(napi|node_api)_\w+(?=\()/g) ?? []))].filter(
    (name) => !/_v1$/.test(name), // ours
  );
  return `#define WIN32_LEAN_AND_MEAN
#include <windows.h>

extern "C" {
${names.map((name) => `FARPROC __imp_${name};`).join("\n")}

BOOL WINAPI DllMain(HINSTANCE, DWORD reason, LPVOID) {
  if (reason != DLL_PROCESS_ATTACH) return TRUE;
  const HMODULE host = GetModuleHandleW(nullptr);
  return ${names.map((name) => `(__imp_${name} = GetProcAddress(host, "${name}"))`).join(" &&\n         ")};
}
}
`;
}
