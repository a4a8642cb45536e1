/**
 * The packages of one kind, as routes ask for them: built at most once per key in the background, and read from the archive.
 * Both kinds are this service with a preflight of their own. Spec: replay §2, §5, §7. Design: docs/replay.md, "Jobs".
 */
import type { BuildStatus } from "./build-job.machine.js";
import type { JobTable } from "./job-table.js";
import type { PackageArchive, PackageKind, PackageMeta, PackageWindow } from "./package/archive.js";
import { isPackageKey } from "./package-key.js";
import type { PackageQuery, Preflight } from "./preflight.js";
import { ReplayError } from "./replay-error.js";

export interface PackageServiceOptions {
  readonly kind: PackageKind;
  readonly preflight: Preflight;
  readonly archive: PackageArchive;
  /**
   * Of both kinds. What they make is kept by the archive, so they have no progress of their own; and they do not wait here: the
   * archive builds one after the other, and has to be asked while the ledgers stand as the key says.
   */
  readonly jobs: JobTable<null>;
}

export interface BuildAnswer {
  readonly key: string;
  readonly status: "building" | "done";
}

export interface PackageStanding {
  readonly status: BuildStatus;
  readonly error: string | null;
}

export class PackageService {
  readonly #options: PackageServiceOptions;

  constructor(options: PackageServiceOptions) {
    this.#options = options;
  }

  /** Begins a build unless the package is there or being built. @throws what the preflight does; ReplayError `too_many_jobs` */
  build(query: PackageQuery): BuildAnswer {
    const { kind, preflight, archive, jobs } = this.#options;
    const request = preflight(query);
    const { status } = jobs.reserve({
      id: jobId(kind, request.key),
      kept: archive.has(kind, request.key),
      progress: null,
      work: (signal) => archive.build(request, signal),
    });
    return { key: request.key, status };
  }

  /** The key that a build would have, and whether its package is there. @throws what the preflight does */
  find(query: PackageQuery): { readonly key: string; readonly isThere: boolean } {
    const { kind, preflight, archive } = this.#options;
    const { key } = preflight(query);
    return { key, isThere: archive.has(kind, key) };
  }

  standing(key: string): PackageStanding {
    const { kind, archive, jobs } = this.#options;
    if (!isPackageKey(key)) return { status: "build_required", error: null };
    return jobs.resolve(jobId(kind, key), archive.has(kind, key));
  }

  /** Undefined when there is no such package. */
  async meta(key: string): Promise<PackageMeta | undefined> {
    const { kind, archive } = this.#options;
    return isPackageKey(key) ? archive.meta(kind, key) : undefined;
  }

  /** The window that holds a candle of the package, by its index. Undefined when there is none. */
  async windowAt(key: string, { meta }: PackageMeta, index: number): Promise<PackageWindow | undefined> {
    const { kind, archive } = this.#options;
    if (index < 0 || index >= meta.total_candles) return undefined;
    return archive.window(kind, key, Math.floor(index / meta.window_size));
  }

  /**
   * The window that a client asks for.
   * @throws ReplayError `not_found`, `target_idx_out_of_range` or `window_index_out_of_range`
   */
  async window(key: string, targetIdx: number): Promise<PackageWindow> {
    const found = await this.meta(key);
    if (found === undefined) throw new ReplayError("not_found", `there is no package ${key}`);
    const { total_candles } = found.meta;
    if (targetIdx >= total_candles) {
      const range = `the package has ${total_candles} candles, counted from 0`;
      throw new ReplayError("target_idx_out_of_range", `there is no candle ${targetIdx}: ${range}`);
    }
    const window = await this.windowAt(key, found, targetIdx);
    if (window !== undefined) return window;
    // Removed since its metadata was read, or incomplete.
    const isThere = this.#options.archive.has(this.#options.kind, key);
    throw new ReplayError(isThere ? "window_index_out_of_range" : "not_found", `no window holds candle ${targetIdx}`);
  }

  /** All bars as a JSON array; undefined when there is no such package. */
  async bars(key: string): Promise<Buffer | undefined> {
    const { kind, archive } = this.#options;
    return isPackageKey(key) ? archive.bars(kind, key) : undefined;
  }
}

/** Two kinds never share a job. */
function jobId(kind: PackageKind, key: string): string {
  return `${kind}:${key}`;
}
