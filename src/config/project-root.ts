/** The folder of `package.json`: relative paths in the configuration resolve against it, wherever the process started. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The nearest folder at or above this module that has a `package.json`; the same for `src/` and for the build in `dist/`.
 * @param from URL of the module to start at.
 * @throws Error when there is none, which means that the installation is incomplete.
 */
export function projectRoot(from: string = import.meta.url): string {
  const start = dirname(fileURLToPath(from));
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (folder === dirname(folder)) throw new Error(`no package.json in ${start} or above: reinstall the project`);
  }
}
