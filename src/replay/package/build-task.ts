/** What the process of a build is told, and what it answers. */
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
}

export type BuildReport =
  | { readonly type: "built" }
  | { readonly type: "failed"; readonly code: ReplayBuildErrorCode; readonly message: string };
