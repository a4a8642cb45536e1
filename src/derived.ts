/** The derived timeframes as the settings want them. */
import type { MarketRuntimeOptions } from "./actors/market-runtime.js";
import type { Settings } from "./config/schema.js";
import { planDerivedTimeframes } from "./market/derived-timeframes.js";
import type { EventLog } from "./observability/event-log.js";

/** Which timeframes are derived; undefined for none. What cannot be is named in the log. */
export function derivedParts(settings: Settings, log: EventLog): MarketRuntimeOptions["derived"] {
  if (!settings.enableDerivedTimeframes) return undefined;
  const plan = planDerivedTimeframes(settings.derivedBaseTimeframe, settings.derivedTimeframes);
  for (const skipped of plan.skipped) log.warn("derived_timeframe.skipped", { ...skipped });
  const { timeframes } = plan;
  return timeframes && { timeframes, firstCandles: settings.derivedBackfillBaseCandles };
}
