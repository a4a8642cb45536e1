/** The one schema of the configuration: all groups of settings, and the type that follows from them. Spec: flags §3. */
import { accessGroup } from "./groups/access.js";
import { apiGroup } from "./groups/api.js";
import { binanceGroup } from "./groups/binance.js";
import { derivedTimeframesGroup } from "./groups/derived-timeframes.js";
import { factorOverlayGroup } from "./groups/factor-overlay.js";
import { ingestGroup } from "./groups/ingest.js";
import { killSwitchGroup } from "./groups/kill-switches.js";
import { marketGroup } from "./groups/market.js";
import { processGroup } from "./groups/process.js";
import { replayGroup } from "./groups/replay.js";
import type { Setting, SettingGroup, ValueOf } from "./setting.js";

/** All groups in the order of the reference page. */
export const SETTING_GROUPS: readonly SettingGroup[] = [
  apiGroup,
  killSwitchGroup,
  factorOverlayGroup,
  ingestGroup,
  marketGroup,
  derivedTimeframesGroup,
  replayGroup,
  processGroup,
  accessGroup,
  binanceGroup,
];

const SCHEMA = {
  ...apiGroup.settings,
  ...killSwitchGroup.settings,
  ...factorOverlayGroup.settings,
  ...ingestGroup.settings,
  ...marketGroup.settings,
  ...derivedTimeframesGroup.settings,
  ...replayGroup.settings,
  ...processGroup.settings,
  ...accessGroup.settings,
  ...binanceGroup.settings,
} as const;

export type SettingKey = keyof typeof SCHEMA;

/** The configuration of a process: read once at start, never changed. Durations have their unit in the key. */
export type Settings = { readonly [Key in SettingKey]: ValueOf<(typeof SCHEMA)[Key]> };

/** Every setting with its key, in the order of the reference page. */
export const ALL_SETTINGS = Object.entries(SCHEMA) as readonly (readonly [SettingKey, Setting])[];
