/** The archive of a daemon that keeps no packages: none is ever there, and none can be built. */
import { type PackageArchive, ReplayBuildError } from "./package/archive.js";

export const NO_ARCHIVE: PackageArchive = {
  has: () => false,
  build: async () => {
    throw new ReplayBuildError("build_failed", "this daemon keeps no packages");
  },
  meta: async () => undefined,
  window: async () => undefined,
  bars: async () => undefined,
  close: async () => undefined,
};
