/** What a browser remembers of a user's choices. A browser that remembers nothing is none the worse. */
import type { Zone } from "../chart/axis-time.js";
import type { Theme } from "../chart/palette.js";
import type { FeatureChoice } from "../location.js";

export interface Preferences {
  /** Null: as the system has it. */
  readonly theme: Theme | null;
  readonly zone: Zone;
  readonly features: FeatureChoice;
  readonly series: string | null;
}

const KEY = "trade-canvas.preferences";

const NONE: Preferences = { theme: null, zone: "utc", features: { off: [], on: [] }, series: null };

export function readPreferences(): Preferences {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof kept === "object" && kept !== null ? checked(kept) : NONE;
  } catch {
    return NONE;
  }
}

export function keepPreferences(changed: Partial<Preferences>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...readPreferences(), ...changed }));
  } catch {
    // Nothing may be kept in this browser.
  }
}

function checked({ theme, zone, features, series }: Partial<Record<keyof Preferences, unknown>>): Preferences {
  const { off, on } = (features ?? {}) as Partial<Record<"off" | "on", unknown>>;
  return {
    theme: theme === "dark" || theme === "light" ? theme : null,
    zone: zone === "local" ? "local" : "utc",
    features: { off: texts(off), on: texts(on) },
    series: typeof series === "string" ? series : null,
  };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
