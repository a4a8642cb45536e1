/** The version of this program, from its package.json. */
import { readFileSync } from "node:fs";

const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

export const VERSION = (manifest as { readonly version: string }).version;
