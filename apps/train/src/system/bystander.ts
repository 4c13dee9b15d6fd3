/** What systems and programs leave in any folder that somebody has looked at. */
const BYSTANDERS = new Set([
  ".DS_Store",
  ".directory",
  ".localized",
  ".Spotlight-V100",
  ".Trashes",
  ".fseventsd",
  "Icon\r",
  "Thumbs.db",
  "ehthumbs.db",
  "desktop.ini",
  "lost+found",
]);

/** Whether a file or folder says nothing of what lies beside it, and does not make a folder anybody's. */
export function isBystander(name: string): boolean {
  return BYSTANDERS.has(name) || name.startsWith("._") || name.startsWith(".nfs") || name.startsWith(".Trash-");
}
