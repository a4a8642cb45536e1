/** Whitelist files for tests. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempFolder } from "./temp.js";

export function whitelistFile(series: readonly string[]): string {
  const file = join(tempFolder(), "whitelist.json");
  writeFileSync(file, JSON.stringify({ series_ids: series }));
  return file;
}
