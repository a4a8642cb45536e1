/** What the thread of a build is told, and what it answers. */
import type { EngineSettings } from "../../engines.js";
import type { ReplayBuildErrorCode } from "./archive.js";
import type { BuildOrder } from "./build.js";

export interface BuildTask {
  readonly order: BuildOrder;
  readonly storeFolder: string;
  readonly engines: EngineSettings;
  readonly rebuildOnNewFingerprint: boolean;
  /** Folder that the package is written to; nothing may be in its place. */
  readonly draft: string;
  /** One number of 32 bits: not 0 when the build is to end. */
  readonly stop: SharedArrayBuffer;
}

export type BuildReport =
  | { readonly type: "built" }
  | { readonly type: "failed"; readonly code: ReplayBuildErrorCode; readonly message: string };
