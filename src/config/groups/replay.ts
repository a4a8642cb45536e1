/** Replay packages. Spec: flags §3.7. */
import type { SettingGroup } from "../setting.js";

export const replayGroup = {
  title: "Replay",
  settings: {
    enableReplayV1: {
      env: "TRADE_CANVAS_ENABLE_REPLAY_V1",
      kind: "bool",
      default: true,
      since: "now",
      effect: "Opens the build, status, window and coverage routes of replay.",
    },
    enableReplayEnsureCoverage: {
      env: "TRADE_CANVAS_ENABLE_REPLAY_ENSURE_COVERAGE",
      kind: "bool",
      default: true,
      since: "now",
      effect: "Lets replay fetch the candles that a package lacks.",
    },
    enableReplayPackage: {
      env: "TRADE_CANVAS_ENABLE_REPLAY_PACKAGE",
      kind: "bool",
      default: false,
      since: "now",
      effect: "Opens the overlay package routes of replay.",
    },
    artifactsDir: {
      env: "TRADE_CANVAS_ARTIFACTS_DIR",
      kind: "path",
      default: "var/artifacts",
      since: "now",
      effect: "Folder of the replay packages.",
    },
  },
} as const satisfies SettingGroup;
