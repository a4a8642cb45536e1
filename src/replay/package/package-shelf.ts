/**
 * The folders of packages: what is there, what is put there whole or not at all, and what goes when there is too much.
 * Design: docs/replay.md, "How it is stored". Spec: replay §2, §4, §7.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { EventLog } from "../../observability/event-log.js";
import type { PackageKind } from "./archive.js";
import { MANIFEST_FILE, type Manifest } from "./manifest.js";
import { DamagedPackage, readManifest } from "./package-reader.js";

/** What is kept of both kinds together. */
export interface ShelfLimits {
  readonly packages: number;
  readonly bytes: number;
}

export const SHELF_LIMITS: ShelfLimits = { packages: 1_000, bytes: 4 * 1024 ** 3 };

const FOLDERS: Readonly<Record<PackageKind, string>> = {
  replay: "replay_package_v1",
  overlay: "overlay_replay_package_v1",
};
const KINDS = Object.keys(FOLDERS) as readonly PackageKind[];

/** A package that is being written or removed. */
const DRAFT = "draft-";

const KEY = /^[0-9a-f]{1,64}$/;

interface Kept {
  readonly kind: PackageKind;
  readonly key: string;
  readonly bytes: number;
  readers: number;
}

export class PackageShelf {
  readonly #artifacts: string;
  readonly #limits: ShelfLimits;
  readonly #log: EventLog;
  /** Oldest first. */
  readonly #kept = new Map<string, Kept>();
  #drafts = 0;

  private constructor(artifacts: string, log: EventLog, limits: ShelfLimits) {
    this.#artifacts = artifacts;
    this.#log = log;
    this.#limits = limits;
  }

  /** Takes stock of a folder, which need not exist, and removes what was left unfinished. @throws Error of the system. */
  static async open(artifacts: string, log: EventLog, limits = SHELF_LIMITS): Promise<PackageShelf> {
    const shelf = new PackageShelf(artifacts, log, limits);
    await shelf.#takeStock();
    await shelf.#trim();
    return shelf;
  }

  has(kind: PackageKind, key: string): boolean {
    return this.#kept.has(idOf(kind, key)) && existsSync(join(this.#folder(kind, key), MANIFEST_FILE));
  }

  /** A folder to write a package to; nothing is there yet. */
  draft(kind: PackageKind): string {
    this.#drafts += 1;
    return join(this.#artifacts, FOLDERS[kind], `${DRAFT}${this.#drafts}`);
  }

  /** Puts what was written to a draft in its place. @throws Error of the system. */
  async keep(kind: PackageKind, key: string, draft: string): Promise<void> {
    if (!KEY.test(key)) throw new Error(`'${key}' is no key of a package: hexadecimal digits are`);
    await this.#discard(kind, key);
    await rename(draft, this.#folder(kind, key));
    await this.#add(kind, key);
    await this.#trim();
  }

  async removeDraft(draft: string): Promise<void> {
    await rm(draft, { recursive: true, force: true });
  }

  /**
   * Reads a package, which stays while it is read. One that turns out to be damaged is no package any more.
   * @returns undefined when there is none. @throws Error of the system.
   */
  async read<T>(
    kind: PackageKind,
    key: string,
    read: (folder: string, manifest: Manifest) => Promise<T>,
  ): Promise<T | undefined> {
    const kept = this.#kept.get(idOf(kind, key));
    if (kept === undefined) return undefined;
    const folder = this.#folder(kind, key);
    kept.readers += 1;
    try {
      const manifest = await readManifest(folder);
      if (manifest === undefined) throw new DamagedPackage("it has no readable manifest");
      return await read(folder, manifest);
    } catch (error) {
      if (!(error instanceof DamagedPackage)) throw error;
      this.#log.warn("replay.package_damaged", { kind, key, error: error.message });
    } finally {
      kept.readers -= 1;
    }
    await this.#discard(kind, key);
    return undefined;
  }

  async #takeStock(): Promise<void> {
    const found: { readonly kind: PackageKind; readonly key: string; readonly builtMs: number }[] = [];
    for (const kind of KINDS) {
      const parent = join(this.#artifacts, FOLDERS[kind]);
      await mkdir(parent, { recursive: true });
      const names = await readdir(parent);
      for (const name of names) if (name.startsWith(DRAFT)) await this.removeDraft(join(parent, name));
      for (const key of names.filter((name) => KEY.test(name))) {
        const folder = join(parent, key);
        if ((await readManifest(folder)) === undefined) await this.#discard(kind, key);
        else found.push({ kind, key, builtMs: (await stat(join(folder, MANIFEST_FILE))).mtimeMs });
      }
    }
    found.sort((a, b) => a.builtMs - b.builtMs);
    for (const { kind, key } of found) await this.#add(kind, key);
  }

  async #add(kind: PackageKind, key: string): Promise<void> {
    const manifest = await readManifest(this.#folder(kind, key));
    if (manifest === undefined) return;
    this.#kept.set(idOf(kind, key), { kind, key, bytes: manifest.bytes, readers: 0 });
  }

  /** The oldest go, until the rest is within the limits; the newest stays, and whatever is being read. */
  async #trim(): Promise<void> {
    let bytes = [...this.#kept.values()].reduce((sum, kept) => sum + kept.bytes, 0);
    for (const kept of [...this.#kept.values()].slice(0, -1)) {
      if (this.#kept.size <= this.#limits.packages && bytes <= this.#limits.bytes) return;
      if (kept.readers > 0) continue;
      bytes -= kept.bytes;
      this.#log.info("replay.package_dropped", { kind: kept.kind, key: kept.key, bytes: kept.bytes });
      await this.#discard(kept.kind, kept.key);
    }
  }

  /** Takes what is in a package's place away at once, and removes it then. */
  async #discard(kind: PackageKind, key: string): Promise<void> {
    this.#kept.delete(idOf(kind, key));
    const draft = this.draft(kind);
    try {
      await rename(this.#folder(kind, key), draft);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      throw error;
    }
    await this.removeDraft(draft);
  }

  #folder(kind: PackageKind, key: string): string {
    return join(this.#artifacts, FOLDERS[kind], key);
  }
}

function idOf(kind: PackageKind, key: string): string {
  return `${kind}:${key}`;
}
