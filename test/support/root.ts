/** The project's folder, found from a file of it whether that runs from source or compiled somewhere below. */
import { existsSync } from "node:fs";

export const ROOT = folderOf(new URL(".", import.meta.url));

function folderOf(folder: URL): URL {
  return existsSync(new URL("package.json", folder)) ? folder : folderOf(new URL("..", folder));
}
