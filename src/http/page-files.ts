/** The files of the live page, as `npm run build` has made them. They are few and small, and kept in memory. */
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { projectRoot } from "../config/project-root.js";
import type { PageFile } from "./page-answer.js";

/** The page, and by their names the files that it loads. */
export interface BuiltPage {
  readonly index: PageFile;
  readonly assets: ReadonlyMap<string, PageFile>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Where the build puts the page: `web/vite.config.ts`. */
export function builtPageFolder(): string {
  return join(projectRoot(), "dist", "web");
}

/**
 * Reads the page when it is first asked for. From then on it is the same page, whatever happens to the folder: index and
 * assets of two builds never meet. A page that is not there yet is looked for again with the next request.
 */
export class PageFiles {
  readonly #folder: string;
  #page: BuiltPage | undefined;

  constructor(folder: string = builtPageFolder()) {
    this.#folder = folder;
  }

  /** @returns undefined when the page has not been built. */
  read(): BuiltPage | undefined {
    this.#page ??= readPage(this.#folder);
    return this.#page;
  }
}

function readPage(folder: string): BuiltPage | undefined {
  try {
    const index = readFile(join(folder, "index.html"));
    const names = readdirSync(join(folder, "assets"));
    const assets = new Map(names.map((name) => [name, readFile(join(folder, "assets", name))]));
    return isWhole(index, assets) ? { index, assets } : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** A build that is under way has an index and not yet all that it loads, or the other way round. */
function isWhole({ bytes }: PageFile, assets: ReadonlyMap<string, PageFile>): boolean {
  return [...bytes.toString().matchAll(/\/live\/assets\/([^"]+)"/g)].every(([, name = ""]) => assets.has(name));
}

function readFile(path: string): PageFile {
  return { type: TYPES[extname(path)] ?? "application/octet-stream", bytes: readFileSync(path) };
}
