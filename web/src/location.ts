/** What is shown, in the address: series, features that are not as the catalog has them, panel. Pure. */
import { parseSeriesId } from "../../src/market/series-id.js";

export type PanelName = "runtime" | "replay";

export interface Shown {
  readonly series: string;
  /** Features that are switched off or on, other than the catalog has them; null: the address says nothing of it. */
  readonly features: FeatureChoice | null;
  readonly panel: PanelName | null;
}

export interface FeatureChoice {
  readonly off: readonly string[];
  readonly on: readonly string[];
}

/** @param search `?series=…`; what cannot be understood counts as not there. @param series when there is none in it. */
export function readLocation(search: string, series: string): Shown {
  const query = new URLSearchParams(search);
  const [off, on, panel] = [query.get("off"), query.get("on"), query.get("panel")];
  return {
    series: seriesOr(query.get("series"), series),
    features: off === null && on === null ? null : { off: listed(off), on: listed(on) },
    panel: panel === "runtime" || panel === "replay" ? panel : null,
  };
}

/** @returns `?series=…`, in which `:` and `/` stay readable. */
export function writeLocation({ series, features, panel }: Shown): string {
  const parts = [
    ["series", series],
    ["off", features?.off.join(",") ?? ""],
    ["on", features?.on.join(",") ?? ""],
    ["panel", panel ?? ""],
  ];
  const given = parts.filter(([, value]) => value !== "");
  return `?${given.map(([name, value = ""]) => `${name}=${readable(value)}`).join("&")}`;
}

/** Whether a text names a series. */
export function isSeries(text: string): boolean {
  try {
    parseSeriesId(text);
    return true;
  } catch {
    return false;
  }
}

function seriesOr(text: string | null, otherwise: string): string {
  return text !== null && isSeries(text) ? text : otherwise;
}

function listed(text: string | null): readonly string[] {
  return (text ?? "").split(",").filter((part) => part !== "");
}

function readable(value: string): string {
  return encodeURIComponent(value).replaceAll("%3A", ":").replaceAll("%2F", "/").replaceAll("%2C", ",");
}
